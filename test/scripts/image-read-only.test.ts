import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

const PROGRAM = join(REPOSITORY, "scripts/image/read-only/farhand-rw");

interface Board {
  readonly env: NodeJS.ProcessEnv;
  /** How the root was mounted, one after the other. */
  mounts(): readonly string[];
}

/** A system whose programs only note what they are asked. */
function board({ uid = 0, isBusy = false, isEnded = false } = {}): Board {
  const folder = tempDir();
  const log = join(folder, "log");
  const programs = {
    id: `echo ${uid}`,
    mount: [
      `echo "$2" >> ${log}`,
      ...(isEnded ? ['[ "$2" = remount,ro ] || kill -TERM $PPID'] : []),
      `[ "$2" = remount,rw ] || [ ${isBusy ? 1 : 0} = 0 ]`,
    ].join("\n"),
    flock: `[ ! -e ${folder}/taken ]`,
    sync: ":",
    sleep: ":",
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return {
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}`, FOLDER: folder },
    mounts: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

const farhandRw = ({ env }: Board, ...words: readonly string[]) =>
  spawnSync("sh", [PROGRAM, ...words], { encoding: "utf8", env });

describe("farhand-rw", () => {
  it.each([0, 7])("makes the root writable for a command and hands on its status: %i", (status) => {
    const system = board();
    expect(farhandRw(system, "sh", "-c", `exit ${status}`)).toMatchObject({ status, stderr: "" });
    expect(system.mounts()).toEqual(["remount,rw", "remount,ro"]);
  });

  it("says that the root stays writable when it has to, with a status of its own", () => {
    const system = board({ isBusy: true });
    const { status, stderr } = farhandRw(system, "true");
    expect(status).toBe(75);
    expect(stderr).toMatch(/^farhand-rw: \/ stays writable until the next start/);
    expect(farhandRw(system, "sh", "-c", "exit 7").status).toBe(7);
  });

  it("makes it read-only again when it is ended", async () => {
    const system = board();
    const child = spawn("sh", [PROGRAM, "sh", "-c", "echo started; exec cat"], {
      env: system.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    child.stdin.end();
    expect((await once(child, "exit"))[0]).toBe(130);
    expect(system.mounts()).toEqual(["remount,rw", "remount,ro"]);
  });

  it("makes it read-only again when it is ended at the moment in which it became writable", () => {
    const system = board({ isEnded: true });
    expect(farhandRw(system, "true").status).toBe(130);
    expect(system.mounts()).toEqual(["remount,rw", "remount,ro"]);
  });

  it.each([
    ["to others than root", { uid: 1000 }, "", /needs root: use sudo/],
    ["while it is running already", {}, "taken", /running already/],
  ])("refuses %s", (_who, options, taken, message) => {
    const system = board(options);
    if (taken !== "") writeFileSync(join(system.env["FOLDER"] ?? "", taken), "");
    const { status, stderr } = farhandRw(system, "true");
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(system.mounts()).toEqual([]);
  });
});
