import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importKvmdCommand } from "../../src/cli/import-kvmd.ts";
import { hashPassword } from "../../src/http/auth/passwords.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import { tempDir } from "../support/temp-dir.ts";
import { cliFixture } from "../support/cli-fixture.ts";

const FOLDER = {
  "/etc/kvmd/override.yaml": "kvmd: {hid: {keymap: de}}\nvnc: {server: {port: 5901}}\n",
  "/etc/kvmd/htpasswd": "",
  "/etc/kvmd/totp.secret": "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp\n",
};

interface Input {
  readonly files?: Readonly<Record<string, string>>;
  readonly answer?: string;
}

async function run(line: string, { files = {}, answer = "" }: Input = {}) {
  const questions: string[] = [];
  const htpasswd = `alice:${await hashPassword("secret")}\nadmin:${await hashPassword("admin")}\nold:plain\n`;
  const fixture = cliFixture({
    files: { ...FOLDER, "/etc/kvmd/htpasswd": htpasswd, ...files },
  });
  const code = await importKvmdCommand(line.split(" ").filter(Boolean), {
    ...fixture.io,
    configFile: "/etc/farhand/farhand.yaml",
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
  });
  return { ...fixture, code, questions, htpasswd, said: fixture.err.join("\n") };
}

describe("farhand import-kvmd", () => {
  it("writes configuration, accounts and the one-time secret after asking", async () => {
    const { code, files, questions, htpasswd, out } = await run("", { answer: "y" });
    expect(code).toBe(0);
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain("/etc/farhand/farhand.yaml");
    expect(files.content("/etc/farhand/farhand.yaml")).toContain("keymap: de");
    expect(files.content("/data/htpasswd")).toBe(htpasswd);
    expect(files.content("/data/totp.secret")).toBe("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
    expect([files.mode("/data/htpasswd"), files.mode("/data/totp.secret")]).toEqual([0o600, 0o600]);
    expect(out).toHaveLength(3);
  });

  it.each(["", "n", "yesterday"])("writes nothing on the answer '%s'", async (answer) => {
    const { code, files, said } = await run("", { answer });
    expect(code).toBe(1);
    expect(said).toContain("Nothing was written");
    expect(files.content("/etc/farhand/farhand.yaml")).toBeUndefined();
    expect(files.content("/data/htpasswd")).toBeUndefined();
  });

  it("does not ask when told so", async () => {
    const { code, questions } = await run(
      "--yes --output /tmp/new.yaml --data-dir /var/lib/farhand",
    );
    expect([code, questions]).toEqual([0, []]);
  });

  it("keeps what is there, all of it, without --force", async () => {
    const there = { "/data/htpasswd": "bob:x\n" };
    const kept = await run("--yes", { files: there });
    expect(kept.code).toBe(1);
    expect(kept.said).toContain("/data/htpasswd");
    expect(kept.files.content("/etc/farhand/farhand.yaml")).toBeUndefined();
    const forced = await run("--yes --force", { files: there });
    expect([forced.code, forced.files.content("/data/htpasswd")]).toEqual([0, forced.htpasswd]);
  });

  it("names accounts that need attention and keys that stay behind", async () => {
    const { said } = await run("--output -");
    expect(said).toContain("Account alice\n");
    expect(said).toMatch(/admin: has PiKVM's well-known password/);
    expect(said).toMatch(/old: cannot sign in until 'farhand passwd set old'/);
    expect(said).toContain("vnc/server/port (override.yaml): there is no such service here");
    expect(said).not.toContain("secret$");
  });

  it("only prints with -", async () => {
    const { code, files, out } = await run("--output -");
    expect([code, out[0]]).toEqual([0, expect.stringContaining("keymap: de")]);
    expect(files.content("/data/htpasswd")).toBeUndefined();
  });

  it("leaves a one-time secret that cannot be one", async () => {
    const { said, files } = await run("--yes", {
      files: { "/etc/kvmd/totp.secret": "not base32!" },
    });
    expect(said).toContain("One-time codes: not carried over");
    expect(files.content("/data/totp.secret")).toBeUndefined();
  });

  it("writes nothing from files that are broken", async () => {
    const { code, said, files } = await run("--yes", {
      files: { "/etc/kvmd/meta.yaml": "a: b: c" },
    });
    expect(code).toBe(1);
    expect(said).toContain("Broken: meta.yaml");
    expect(files.content("/etc/farhand/farhand.yaml")).toBeUndefined();
  });

  it("does not wait for a pipe in the place of a file", async () => {
    const folder = tempDir();
    execFileSync("mkfifo", [`${folder}/override.yaml`]);
    const { io, err } = cliFixture({});
    const code = await importKvmdCommand(["--from", folder, "--main", "/x", "--yes"], {
      ...io,
      files: createFileStore(),
      configFile: `${folder}/new.yaml`,
      ask: () => Promise.resolve(""),
    });
    expect(code).toBe(1);
    expect(err.join("\n")).toMatch(/Broken: override.yaml: .*no regular file/);
    expect(existsSync(`${folder}/new.yaml`)).toBe(false);
  });

  it("says when there is no PiKVM, and how it is called", async () => {
    const [empty, wrong] = [await run("--from /nowhere --main /x"), await run("--fro x")];
    expect([empty.code, empty.said]).toEqual([1, "/nowhere holds no PiKVM configuration"]);
    expect([wrong.code, wrong.said.includes("Usage: farhand import-kvmd")]).toEqual([64, true]);
  });
});
