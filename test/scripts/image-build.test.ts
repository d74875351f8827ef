import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkPlace, checkSpace } from "../../scripts/image/place.mjs";
import { diskImage } from "../support/disk-image.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

/** What the builder itself needs. */
const canBuild =
  process.getuid?.() === 0 &&
  existsSync("/dev/loop-control") &&
  ["/usr/sbin/sfdisk", "/usr/bin/mcopy", "/usr/bin/xz", "/usr/bin/qemu-aarch64-static"].every(
    (path) => existsSync(path),
  );

function buildImage(...args: readonly string[]) {
  const words = ["scripts/build-image.mjs", "--board", "generic", ...args];
  return spawnSync(process.execPath, words, { cwd: REPOSITORY, encoding: "utf8" });
}

function file(name: string, text: string): string {
  const path = join(tempDir(), name);
  writeFileSync(path, text);
  return path;
}

describe("build-image", () => {
  it("says how it is used", () => {
    const usage = /^Usage: node scripts\/build-image\.mjs --board rpi\|onecloud\|generic/m;
    expect(buildImage("--help")).toMatchObject({ status: 0, stdout: expect.stringMatching(usage) });
    for (const wrong of [["--board", "toaster"], ["--toaster"]]) {
      const { status, stderr } = buildImage(...wrong);
      expect(status).toBe(2);
      expect(stderr).toMatch(usage);
    }
  });

  it("replaces an older image, but no folder, no device and not the base", () => {
    const base = file("base.img", "");
    checkPlace(file("image.img", ""), base);
    checkPlace(join(tempDir(), "new.img"), base);
    expect(() => checkPlace(tempDir(), base)).toThrow(/is not a file/);
    expect(() => checkPlace("/dev/null", base)).toThrow(/is not a file/);
    expect(() => checkPlace(base, base)).toThrow(/base is not changed/);
  });

  it("says how much room there has to be", () => {
    const base = file("base.img", "");
    truncateSync(base, 2 ** 43);
    const out = join(tempDir(), "image.img");
    expect(() => checkSpace({ base, out, isReadOnly: false })).toThrow(
      `The image needs 8796.6 GB in ${dirname(out)}, and there are `,
    );
    truncateSync(base, 100);
    checkSpace({ base, out, isReadOnly: true });
  });

  it("says that a packed base is none", () => {
    const wanted = { base: file("base.img.xz", "none"), out: "/tmp/image.img", isReadOnly: false };
    expect(() => checkSpace(wanted)).toThrow(/is not an xz file, or was not downloaded to its end/);
  });

  it.runIf(canBuild)("leaves nothing behind when the base is not known", () => {
    const image = diskImage("gpt");
    const out = join(tempDir(), "new.img");
    const { status, stderr } = buildImage("--base", image, "--out", out);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^This base is not known: a system that does not say its name/);
    expect(readdirSync(dirname(out))).toEqual([]);
    expect(execFileSync("losetup", ["--list"], { encoding: "utf8" })).not.toContain(out);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(out);
  });
});

/** Processes that were started with this word. */
function running(word: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
    } catch {
      // It has ended since it was listed.
      return false;
    }
  });
}

describe.runIf(process.getuid?.() === 0)("a script with mounts of its own", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "leaves none, and no process, after %s",
    async (signal) => {
      const folder = tempDir();
      const place = join(folder, "mounted");
      mkdirSync(place);
      const word = `sleep-${process.pid}-${signal}`;
      const script = join(folder, "script.mjs");
      writeFileSync(
        script,
        `import { execFileSync } from "node:child_process";
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", ${JSON.stringify(place)}]);
      console.log("mounted");
      execFileSync("sh", ["-c", "while :; do sleep 1; done", "${word}"]);`,
      );
      const apart = JSON.stringify(join(REPOSITORY, "scripts/image/apart.mjs"));
      const program = `const { runApart } = await import(${apart});
      await runApart(${JSON.stringify(script)}, {}).catch((error) => console.log(error.message));`;
      const words = ["--input-type=module", "-e", program];
      const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.on("data", (text) => {
        said += String(text);
        if (said === "mounted\n") child.kill(signal);
      });
      await once(child, "close");
      expect(said).toBe("mounted\nInterrupted\n");
      expect(running(word)).toEqual([]);
      expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(place);
    },
  );
});
