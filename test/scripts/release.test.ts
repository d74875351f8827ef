import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  describeFile,
  encodeManifest,
  MANIFEST,
  parseManifest,
  SIGNATURE,
  signManifest,
} from "../../scripts/release/manifest.mjs";
import { verifyRelease } from "../../scripts/release/verify.mjs";
import { compareVersions } from "../../scripts/release/versions.mjs";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

function keyPair(): { readonly secret: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    secret: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

const MAKERS = keyPair();
const DEB = "farhand_1.2.3_arm64.deb";

interface Changes {
  readonly product?: string;
  readonly version?: string;
  readonly files?: readonly { name: string; size: number; sha256: string }[];
  readonly secret?: string;
}

/** A folder with a signed release of one package. */
async function release(changes: Changes = {}): Promise<string> {
  const folder = tempDir();
  writeFileSync(join(folder, DEB), "the bytes of a package");
  const { product = "farhand", version = "1.2.3", secret = MAKERS.secret } = changes;
  const files = changes.files ?? [await describeFile(join(folder, DEB))];
  const described = { format: 1, product, version, commit: "c0ffee", date: "2026-01-01", files };
  const bytes = encodeManifest({ ...described, format: 1 });
  writeFileSync(join(folder, MANIFEST), bytes);
  writeFileSync(join(folder, SIGNATURE), signManifest(bytes, secret));
  return folder;
}

const verified = (folder: string, more: { installed?: string; only?: readonly string[] } = {}) =>
  verifyRelease(folder, { publicKey: MAKERS.publicKey, ...more });

describe("a release", () => {
  it("is accepted as it was signed", async () => {
    await expect(verified(await release())).resolves.toMatchObject({ version: "1.2.3" });
  });

  it("is accepted over an older or the same version", async () => {
    const folder = await release();
    await expect(verified(folder, { installed: "1.2.3" })).resolves.toBeDefined();
    await expect(verified(folder, { installed: "1.2.3-rc.1" })).resolves.toBeDefined();
  });

  it("is refused when it is older than what is installed", async () => {
    const folder = await release();
    await expect(verified(folder, { installed: "1.10.0" })).rejects.toThrow(/older than 1\.10\.0/);
  });

  it("is refused when it is signed with another key", async () => {
    const folder = await release({ secret: keyPair().secret });
    await expect(verified(folder)).rejects.toThrow(/not signed with this key/);
  });

  it("is refused when it is of another product", async () => {
    const folder = await release({ product: "farfoot" });
    await expect(verified(folder)).rejects.toThrow("This is a release of farfoot, not of farhand");
  });

  it("is refused when its signature was made for something else", async () => {
    const folder = await release();
    const { createPrivateKey, sign } = await import("node:crypto");
    const plain = sign(null, readFileSync(join(folder, MANIFEST)), createPrivateKey(MAKERS.secret));
    writeFileSync(join(folder, SIGNATURE), plain.toString("base64"));
    await expect(verified(folder)).rejects.toThrow(/not signed with this key/);
  });

  it.each([MANIFEST, SIGNATURE])("is refused when %s is empty", async (name) => {
    const folder = await release();
    writeFileSync(join(folder, name), "");
    await expect(verified(folder)).rejects.toThrow(`${name} is empty`);
  });

  it("is refused when the folder is empty", async () => {
    await expect(verified(tempDir())).rejects.toThrow(`${MANIFEST} is missing`);
  });

  it("is refused when a file is empty, truncated, longer, altered or missing", async () => {
    const lengths = [0, 5];
    for (const length of lengths) {
      const folder = await release();
      truncateSync(join(folder, DEB), length);
      await expect(verified(folder)).rejects.toThrow(`${DEB} is truncated: ${length} of 22 bytes`);
    }
    const longer = await release();
    appendFileSync(join(longer, DEB), "!");
    await expect(verified(longer)).rejects.toThrow(/is not the file that was released/);
    const altered = await release();
    writeFileSync(join(altered, DEB), "the bytes of a PACKAGE");
    await expect(verified(altered)).rejects.toThrow(/is not the file that was released/);
    const files = [{ name: "lost.deb", size: 1, sha256: "0".repeat(64) }];
    await expect(verified(await release({ files }))).rejects.toThrow(/is not part of|is missing/);
  });

  it("is refused when its description or its signature is truncated or altered", async () => {
    for (const name of [MANIFEST, SIGNATURE]) {
      const folder = await release();
      truncateSync(join(folder, name), 30);
      await expect(verified(folder)).rejects.toThrow(/not signed|no signature/);
    }
    const altered = await release();
    const text = readFileSync(join(altered, MANIFEST), "utf8");
    writeFileSync(join(altered, MANIFEST), text.replace("1.2.3", "9.9.9"));
    await expect(verified(altered)).rejects.toThrow(/not signed with this key/);
  });

  it("is refused with a file that nobody signed", async () => {
    const folder = await release();
    writeFileSync(join(folder, "farhand_6.6.6_arm64.deb"), "from elsewhere");
    await expect(verified(folder)).rejects.toThrow(/6\.6\.6_arm64\.deb is not part of the release/);
    await expect(verified(folder, { only: [DEB] })).resolves.toBeDefined();
    const only = ["farhand_6.6.6_arm64.deb"];
    await expect(verified(folder, { only })).rejects.toThrow(/is not part of the release/);
  });

  it.each(["../etc/passwd", "/etc/passwd", "", ".hidden"])(
    "is refused when it names a file %j",
    async (name) => {
      const folder = await release({ files: [{ name, size: 1, sha256: "0".repeat(64) }] });
      await expect(verified(folder)).rejects.toThrow(/does not describe a release/);
    },
  );

  it("is refused without files, and when a file is named twice", async () => {
    await expect(verified(await release({ files: [] }))).rejects.toThrow(/has no files/);
    const file = { name: DEB, size: 1, sha256: "0".repeat(64) };
    await expect(verified(await release({ files: [file, file] }))).rejects.toThrow(/twice/);
  });

  it("is refused when its description lacks something", () => {
    const sha256 = "0".repeat(64);
    const files = [{ name: DEB, size: 1, sha256 }];
    const whole = {
      format: 1,
      product: "farhand",
      version: "1.2.3",
      commit: "c",
      date: "d",
      files,
    };
    const parse = (value: unknown) => parseManifest(Buffer.from(JSON.stringify(value)));
    expect(parse(whole)).toMatchObject({ version: "1.2.3" });
    for (const name of Object.keys(whole)) {
      const lacking = { ...whole, [name]: undefined };
      expect(() => parse(lacking)).toThrow(/does not describe a release/);
    }
  });

  it("is signed and checked with Ed25519 keys only", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const secret = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await expect(release({ secret })).rejects.toThrow(/not an Ed25519 key/);
    const folder = await release();
    const other = publicKey.export({ type: "spki", format: "pem" }).toString();
    await expect(verifyRelease(folder, { publicKey: other })).rejects.toThrow(/not an Ed25519 key/);
    await expect(verifyRelease(folder, { publicKey: "" })).rejects.toThrow(/not a PEM file/);
  });
});

describe("the command that makes releases", () => {
  function make(key: string, out: string) {
    const script = join(REPOSITORY, "scripts/release.mjs");
    const args = [script, "--key", key, "--out", out, "--untagged", "--no-proofs"];
    return spawnSync(process.execPath, args, { encoding: "utf8" });
  }

  it("leaves a folder alone that holds something else", () => {
    const folder = tempDir();
    const key = join(folder, "key");
    const out = join(folder, "out");
    writeFileSync(key, MAKERS.secret);
    mkdirSync(out);
    writeFileSync(join(out, "thesis.txt"), "years of work");
    const { status, stderr } = make(key, out);
    expect(status).toBe(1);
    expect(stderr).toMatch(/holds something that is no release/);
    expect(readdirSync(out)).toEqual(["thesis.txt"]);
  });

  it("leaves its key alone, and says at once when it is none", async () => {
    const folder = await release();
    const key = join(folder, "key");
    writeFileSync(key, MAKERS.secret);
    expect(make(key, folder).stderr).toMatch(/The key lies in/);
    expect(readFileSync(key, "utf8")).toBe(MAKERS.secret);
    writeFileSync(key, "no key");
    expect(make(key, folder).stderr).toMatch(/not a PEM file/);
  });
});

describe("versions", () => {
  it("are in the order of semantic versioning", () => {
    const ordered = [
      "0.9.9",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.2.0",
      "1.10.0",
    ];
    expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
    expect(() => compareVersions("1.0", "1.0.0")).toThrow("1.0 is not a version");
  });
});
