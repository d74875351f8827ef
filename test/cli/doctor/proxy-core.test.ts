import { describe, expect, it } from "vitest";
import type { DoctorContext } from "../../../src/cli/doctor/finding.ts";
import { checkProxyCore } from "../../../src/cli/doctor/proxy-core.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { PROXY_CONFIG } from "../../support/proxy-fixture.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";

type Programs = Parameters<typeof scriptedRunner>[0];

function check(programs: Programs, roles: readonly string[] = ["proxy"]) {
  const process = scriptedRunner(programs);
  const context = {
    config: { roles, proxy: PROXY_CONFIG },
    platform: { process, files: memoryFiles() },
  } as unknown as DoctorContext;
  return checkProxyCore(context);
}

const xray = () => succeed("Xray 26.1.2 (x)\n");
const setpriv = () => succeed("");

describe("the doctor on the proxy core", () => {
  it("names the core that a panel would start", async () => {
    expect(await check({ xray, setpriv })).toEqual([
      { check: "proxy", level: "ok", message: "Xray 26.1.2" },
    ]);
  });

  it("warns when nothing could restrict it", async () => {
    const [, warning] = await check({ xray });
    expect(warning).toMatchObject({ level: "warn", cure: "Install the package util-linux" });
  });

  it("says that there is none, and what to do", async () => {
    expect(await check({ setpriv })).toMatchObject([
      { level: "missing", message: expect.stringContaining("no xray core on this node") },
    ]);
  });

  it("does not look where the role is off", async () => {
    expect(await check({}, ["device"])).toEqual([]);
  });
});
