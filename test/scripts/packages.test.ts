import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digest, makeDeb } from "../../scripts/packages/deb.mjs";
import { configuration, maintainerScripts } from "../../scripts/packages/farhand-package.mjs";
import { checkSuite, targetOf } from "../../scripts/packages/targets.mjs";
import { loadConfig } from "../../src/config/load.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

const has = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

const UNITS = ["farhand.service", "farhand-gadget.service"];

function unit(name: string): string {
  return readFileSync(join(REPOSITORY, "system", name), "utf8");
}

/** Runs a maintainer script as dpkg does. */
function runScript(name: string, args: readonly string[]) {
  const script = maintainerScripts()[name] ?? "exit 99";
  return spawnSync("sh", ["-c", script, name, ...args], { encoding: "utf8" });
}

/** A package of one file. */
function smallDeb(isSteady: boolean): string {
  const tree = join(tempDir(), "tree");
  mkdirSync(join(tree, "usr/bin"), { recursive: true });
  writeFileSync(join(tree, "usr/bin/thing"), "#!/bin/sh\n");
  const fields = {
    Package: "thing",
    Version: "1.0",
    Architecture: "all",
    Maintainer: "Nobody <nobody@example.com>",
    Description: "a thing",
  };
  return makeDeb({
    tree,
    fields,
    programs: ["usr/bin/thing"],
    out: tempDir(),
    date: 1_700_000_000,
    isSteady,
  });
}

describe("the service", () => {
  it.runIf(has("systemd-analyze"))("is exposed to 2.5 at most by systemd's reckoning", () => {
    const args = ["security", "--offline=true", "--no-pager", "--threshold=25"];
    const path = join(REPOSITORY, "system/farhand.service");
    const text = execFileSync("systemd-analyze", [...args, path], { encoding: "utf8" });
    const figure = /exposure level for farhand\.service: ([\d.]+)/.exec(text)?.[1];
    expect(Number(figure)).toBeLessThanOrEqual(2.5);
  });

  it.each(UNITS)("of %s runs the installed program", (name) => {
    expect(unit(name)).toMatch(/^ExecStart=\/usr\/bin\/farhand /m);
    expect(unit(name)).toMatch(/^NoNewPrivileges=yes$/m);
  });

  it("of the network is not root and says when it is ready", () => {
    expect(unit("farhand.service")).toMatch(/^User=farhand$/m);
    expect(unit("farhand.service")).toMatch(/^Type=notify$/m);
    expect(unit("farhand.service")).toMatch(/^WatchdogSec=\d+$/m);
  });
});

describe("the maintainer scripts", () => {
  it("are shell that can be read", () => {
    const broken = Object.entries(maintainerScripts())
      .filter(([, text]) => text.startsWith("#!"))
      .filter(([, text]) => spawnSync("sh", ["-n"], { input: text }).status !== 0);
    expect(broken).toEqual([]);
  });

  it.runIf(has("dpkg"))("refuse an older version with the reason", () => {
    const { status, stderr } = runScript("preinst", ["upgrade", "99.0.0"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/version 99\.0\.0 .* is older and is refused/);
    const leftover = runScript("preinst", ["install", "99.0.0"]);
    expect(leftover.status).toBe(1);
  });

  it.runIf(has("dpkg"))("take an upgrade and a first installation", () => {
    expect(runScript("preinst", ["upgrade", "0.0.1"]).status).toBe(0);
    expect(runScript("preinst", ["install"]).status).toBe(0);
  });
});

describe("the installed configuration", () => {
  it("is one that the program takes, with the folder of the service", async () => {
    const text = configuration();
    const result = await loadConfig({ file: "f", env: {}, readFile: () => Promise.resolve(text) });
    const loaded = { config: { dataDir: "/var/lib/farhand" } };
    expect(result).toMatchObject({ ok: true, loaded });
  });
});

describe("packages", () => {
  it.runIf(has("dpkg-deb"))("have the same bytes each time they are made", () => {
    expect(digest("sha256", smallDeb(true))).toBe(digest("sha256", smallDeb(true)));
  });

  it.runIf(has("dpkg-deb"))("for a quick try hold the same as those of a release", () => {
    const contents = (deb: string): string =>
      execFileSync("dpkg-deb", ["--contents", deb], { encoding: "utf8" });
    expect(contents(smallDeb(false))).toBe(contents(smallDeb(true)));
  });

  it("are made for combinations that can work", () => {
    expect(() => {
      checkSuite("trixie", targetOf("armhf"));
    }).not.toThrow();
    expect(() => {
      checkSuite("bookworm", targetOf("armhf"));
    }).toThrow(/Use Debian 13/);
    expect(() => targetOf("riscv64")).toThrow(/choose amd64, arm64, armhf/);
    expect(() => {
      checkSuite("buster", targetOf("amd64"));
    }).toThrow(/choose bookworm or trixie/);
  });
});
