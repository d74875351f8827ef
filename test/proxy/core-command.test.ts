import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { prepareCoreCommand } from "../../src/proxy/core-command.ts";
import { CoreStartError } from "../../src/proxy/proxy-errors.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { PROXY_CONFIG } from "../support/proxy-fixture.ts";
import { scriptedRunner, succeed } from "../support/scripted-runner.ts";

const PASSWD =
  "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nproxy:x:13:14::/:/x\n";
const AS_ROOT = { "/proc/self/status": "Name:\tnode\nUid:\t0\t0\t0\t0\n", "/etc/passwd": PASSWD };
const AS_USER = { ...AS_ROOT, "/proc/self/status": "Uid:\t1000\t1000\t1000\t1000\n" };
const XRAY = () => succeed("Xray 26.1.2 (x)\n");

interface Setting {
  readonly programs?: Parameters<typeof scriptedRunner>[0];
  readonly files?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly path?: string;
}

function prepare({ programs, files = AS_ROOT, user = "", path = "" }: Setting) {
  return prepareCoreCommand({
    config: { ...PROXY_CONFIG.core, user, path },
    process: scriptedRunner(programs ?? { xray: XRAY, setpriv: () => succeed("") }),
    files: memoryFiles(files),
    log: silentLogger,
  });
}

describe("prepareCoreCommand", () => {
  it("starts the core with nothing of the daemon's environment", async () => {
    const { command, args } = await prepare({});
    expect([command, ...args.slice(0, 4)]).toEqual([
      "env",
      "-i",
      expect.stringMatching(/^PATH=/),
      "XRAY_LOCATION_ASSET=/assets",
      "V2RAY_LOCATION_ASSET=/assets",
    ]);
    expect(args.slice(-4)).toEqual(["--", "/usr/bin/xray", "-c", "stdin:"]);
  });

  it("gives root's core an account of its own and no power but that over low ports", async () => {
    const { args } = await prepare({});
    const text = args.join(" ");
    expect(text).toContain("--reuid 65534 --regid 65533 --clear-groups");
    expect(text).toContain("--bounding-set=-all,+net_bind_service");
    expect(text).toContain("--no-new-privs --pdeathsig KILL");
  });

  it("takes the configured account", async () => {
    expect((await prepare({ user: "proxy" })).args.join(" ")).toContain("--reuid 13 --regid 14");
    await expect(prepare({ user: "ghost" })).rejects.toThrow("no account ghost");
  });

  it("restricts the core also where it cannot choose the account", async () => {
    const text = (await prepare({ files: AS_USER, user: "proxy" })).args.join(" ");
    expect(text).not.toContain("--reuid");
    expect(text).toContain("--no-new-privs --pdeathsig KILL");
  });

  it("does without setpriv", async () => {
    const prepared = await prepare({ programs: { xray: XRAY } });
    expect(prepared).toMatchObject({ command: "env", uid: 65_534, gid: 65_533 });
    expect(prepared.args.join(" ")).not.toContain("setpriv");
  });

  it("takes V2Ray where there is no Xray, and asks it as it wants to be asked", async () => {
    const v2ray = (args: readonly string[]) =>
      args[0] === "-version" ? succeed("V2Ray 4.34.0 (x)\n") : succeed("panic: no config");
    expect(await prepare({ programs: { v2ray } })).toMatchObject({
      family: "v2ray",
      version: "4.34.0",
    });
  });

  it("refuses a program that is no core", async () => {
    const refusal = prepare({ programs: { xray: () => succeed("hello") } });
    await expect(refusal).rejects.toThrow(CoreStartError);
    await expect(refusal).rejects.toThrow("could not parse Xray version");
  });
});
