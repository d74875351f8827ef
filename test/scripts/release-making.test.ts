import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { run } from "../../scripts/packages/host-tools.mjs";
import { MANIFEST } from "../../scripts/release/manifest.mjs";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

const DATE = "1750000000";
/**
 * Packs what a package says. Two processors are no such: one is never finished and tells the number of its process, the
 * other interrupts the release, which hears of it between two programs.
 */
const STUB = `
import { part } from "part";
import { writeFileSync } from "node:fs";
const [, , , arch, , , , out] = process.argv;
if (arch === "endless") {
  writeFileSync(process.env.PROCESS_FILE, String(process.pid));
  setInterval(() => undefined, 1000);
} else if (arch === "interrupting") process.kill(process.ppid, "SIGINT");
else writeFileSync(out + "/farhand_" + arch + ".deb", part + " " + process.env.SOURCE_DATE_EPOCH);
`;

/** @param pid of a process; one that has ended may not have been collected yet. */
function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

/** A project of one package, with a key beside it and a folder for what is temporary. */
class Project {
  readonly place = tempDir();
  readonly root = join(this.place, "project");
  readonly out = join(this.place, "out");
  readonly temporary = join(this.place, "tmp");
  readonly processFile = join(this.place, "process");

  constructor() {
    mkdirSync(this.temporary);
    cpSync(join(REPOSITORY, "scripts"), join(this.root, "scripts"), { recursive: true });
    this.write("scripts/package-deb.mjs", STUB);
    this.write(".gitignore", "node_modules/\n");
    const integrity = this.pack('export const part = "as locked";');
    const part = { version: "1.0.0", resolved: "file:part.tgz", integrity };
    const manifest = { name: "farhand", version: "1.2.3", dependencies: { part: "file:part.tgz" } };
    const lock = { ...manifest, lockfileVersion: 3, requires: true };
    const packages = { "": manifest, "node_modules/part": part };
    this.write("package.json", JSON.stringify(manifest));
    this.write("package-lock.json", JSON.stringify({ ...lock, packages }));
    this.git("init", "--quiet");
    this.commit();
    this.git("tag", "v1.2.3");
    this.release("--make-key", join(this.place, "key"));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** @returns its checksum as in a lock file */
  pack(code: string): string {
    const folder = tempDir();
    mkdirSync(join(folder, "package"));
    const manifest = { name: "part", version: "1.0.0", type: "module", main: "index.js" };
    writeFileSync(join(folder, "package/package.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "package/index.js"), code);
    const file = join(this.root, "part.tgz");
    run("tar", ["-czf", file, "-C", folder, "package"]);
    return `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  }

  git(...args: readonly string[]): void {
    const who = ["-c", "user.name=Maker", "-c", "user.email=maker@example.org"];
    const env = { ...process.env, GIT_COMMITTER_DATE: `${DATE} +0000` };
    run("git", [...who, ...args], { cwd: this.root, env });
  }

  commit(): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", "as it is");
  }

  /** What the command is started with. */
  command(args: readonly string[]) {
    const own = { TMPDIR: this.temporary, npm_config_cache: join(this.place, "npm") };
    const stub = { SOURCE_DATE_EPOCH: "1", PROCESS_FILE: this.processFile };
    const env = { ...process.env, ...own, ...stub };
    return { args: [join(this.root, "scripts/release.mjs"), ...args], env };
  }

  release(...all: readonly string[]) {
    const { args, env } = this.command(all);
    return spawnSync(process.execPath, args, {
      encoding: "utf8",
      env,
      timeout: 50_000,
      killSignal: "SIGKILL",
    });
  }

  /** What lies where it should not any more, or not yet. */
  leftovers(): string[] {
    const around = readdirSync(this.place).filter((name) => name.startsWith("out"));
    return [...around, ...readdirSync(this.temporary)];
  }

  /** The process that is never finished; throws before it has begun. */
  packing(): number {
    const number = readFileSync(this.processFile, "utf8");
    if (number === "") throw new Error("It is just being written");
    return Number(number);
  }

  /** Arguments of a release for these processors. */
  options(...processors: readonly string[]): string[] {
    const chosen = processors.flatMap((name) => ["--arch", name]);
    return ["--key", join(this.place, "key"), "--out", this.out, "--no-proofs", ...chosen];
  }
}

describe("making a release", () => {
  it("takes the commit, its date and the packages of its lock file, not those of the checkout", () => {
    const project = new Project();
    project.write("node_modules/part/package.json", '{ "main": "index.mjs" }');
    project.write("node_modules/part/index.mjs", 'export const part = "altered here";');
    const { stdout, stderr } = project.release(...project.options("amd64"), "--twice");
    expect(stderr).toBe("");
    expect(stdout).toContain("Made twice: 2 files with the same bytes");
    expect(readFileSync(join(project.out, "farhand_amd64.deb"), "utf8")).toBe(`as locked ${DATE}`);
    const manifest: unknown = JSON.parse(readFileSync(join(project.out, MANIFEST), "utf8"));
    expect(manifest).toMatchObject({ version: "1.2.3", date: "2025-06-15T15:06:40.000Z" });
    expect(project.leftovers()).toEqual(["out"]);
  });

  it("refuses a package that is not the one of the lock file", () => {
    const project = new Project();
    project.pack('export const part = "exchanged";');
    project.commit();
    const { status, stderr } = project.release(...project.options("amd64"), "--untagged");
    expect(status).toBe(1);
    expect(stderr).toContain("EINTEGRITY");
    expect(project.leftovers()).toEqual([]);
  });

  it("refuses what is not committed or not tagged", () => {
    const project = new Project();
    project.write("more.txt", "not committed");
    expect(project.release(...project.options("amd64")).stderr).toMatch(
      /not committed:\n.*more\.txt/,
    );
    project.commit();
    expect(project.release(...project.options("amd64")).stderr).toMatch(/not tagged v1\.2\.3/);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing behind after %s", async (signal) => {
    const project = new Project();
    const { args, env } = project.command(project.options("amd64", "endless"));
    const made = spawn(process.execPath, args, { env, stdio: "ignore" });
    const ended = once(made, "exit");
    const packing = await vi.waitFor(() => project.packing(), { timeout: 50_000 });
    expect(readdirSync(project.temporary)).toHaveLength(1);
    made.kill(signal);
    expect(await ended).toEqual([130, null]);
    await expect.poll(() => isAlive(packing)).toBe(false);
    expect(project.leftovers()).toEqual([]);
  });

  it("hears of an interruption that comes while it starts the next program", () => {
    const project = new Project();
    const { status } = project.release(...project.options("interrupting", "endless"));
    expect(status).toBe(130);
    expect(project.leftovers()).toEqual([]);
  });
});
