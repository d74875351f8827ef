import { describe, expect, it } from "vitest";
import { isPublicAddress, watchFacts } from "../../src/agent/facts.ts";
import { createScope } from "../../src/core/scope.ts";
import { silentLogger } from "../../src/core/log.ts";
import type { HostProbe } from "../../src/platform/host/port.ts";
import type { MachineSource } from "../../src/platform/sampling/port.ts";
import { agentConfig } from "../support/agent-config.ts";
import { fakeClock } from "../support/fake-clock.ts";

const machine = {
  facts: () =>
    Promise.resolve({
      osName: "Debian",
      platform: "debian",
      platformVersion: "13",
      processors: [{ name: "Cortex-A72", count: 4 }],
      logicalCores: 4,
      physicalCores: 4,
      virtualization: "none",
      graphics: ["GPU"],
      bootId: "x",
    }),
} as unknown as MachineSource;

function start(part: Readonly<Record<string, unknown>> = {}, uptime = () => 100) {
  const addresses: string[] = ["192.168.1.5", "2001:db8::5"];
  const clock = fakeClock();
  const host = {
    hostName: () => "kvm",
    kernel: () => ({ system: "Linux", release: "6.12", version: "#1", machine: "aarch64" }),
    addresses: () => addresses,
    uptimeSeconds: uptime,
  } as unknown as HostProbe;
  const scope = createScope("test", silentLogger);
  const facts = agentConfig(part).then((config) =>
    watchFacts({ machine, host, config, clock }, scope),
  );
  return { facts, addresses, clock, scope };
}

describe("facts of the machine", () => {
  it("hold what the machine and its kernel say", async () => {
    const { facts, scope, clock } = start();
    expect((await facts).value).toMatchObject({
      hostName: "kvm",
      kernelRelease: "6.12",
      machine: "aarch64",
      cpuModels: [{ name: "Cortex-A72", count: 4 }],
      gpuNames: ["GPU"],
      bootTimeSeconds: Math.round(clock.now() / 1000) - 100,
      ipv4: "",
      ipv6: "",
    });
    await scope.close();
  });

  it("take public addresses as they come, and configured ones before them", async () => {
    const { facts, addresses, clock, scope } = start({ address: { ipv6: "2a00:1::9" } });
    const store = await facts;
    addresses.push("8.8.4.4", "2a00:1::1");
    await clock.advance(60_000);
    expect(store.value).toMatchObject({ ipv4: "8.8.4.4", ipv6: "2a00:1::9" });
    await scope.close();
  });

  it("keep addresses to themselves when that is wanted", async () => {
    const { facts, addresses, scope } = start({ address: { report: false, ipv4: "8.8.4.4" } });
    addresses.push("8.8.8.8");
    expect((await facts).value).toMatchObject({ ipv4: "", ipv6: "" });
    await scope.close();
  });

  it("keep the time of the start steady, until the clock is set", async () => {
    let seconds = 100;
    const { facts, clock, scope } = start({}, () => seconds);
    const store = await facts;
    const before = store.value.bootTimeSeconds;
    // Readings that are a second apart.
    seconds = 159;
    await clock.advance(60_000);
    expect(store.value.bootTimeSeconds).toBe(before);
    // The clock leaps an hour ahead of the uptime.
    seconds = 219 - 3600;
    await clock.advance(60_000);
    expect(store.value.bootTimeSeconds - before).toBeGreaterThan(3590);
    await scope.close();
  });
});

describe("public addresses", () => {
  it.each([
    ["8.8.8.8", true],
    ["10.0.0.1", false],
    ["100.64.0.1", false],
    ["100.128.0.1", true],
    ["172.16.0.1", false],
    ["172.32.0.1", true],
    ["192.168.0.1", false],
    ["192.0.2.1", false],
    ["169.254.1.1", false],
    ["224.0.0.1", false],
    ["2a01:4f8::1", true],
    ["fd00::1", false],
    ["2001:db8::1", false],
    ["::1", false],
  ])("%s: %s", (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});
