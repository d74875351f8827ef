import { describe, expect, it } from "vitest";
import { toNezhaHost, toNezhaState } from "../../../src/agent/nezha/values.ts";
import { factsOf, sampleOf } from "../../support/agent-sample.ts";

const DETAILS = { version: "0.1.0", health: "" };

describe("the machine in Nezha's words", () => {
  it("names processors as the stock agent does", () => {
    const models = [
      { name: "Cortex-A55", count: 4 },
      { name: "Cortex-A76", count: 2 },
    ];
    const physical = toNezhaHost(factsOf({ cpuModels: models }), sampleOf(), DETAILS);
    expect(physical.cpu).toEqual(["Cortex-A55 4 Physical Core", "Cortex-A76 2 Physical Core"]);
    expect(physical.virtualization).toBe("");
    const virtual = toNezhaHost(factsOf({ virtualization: "kvm" }), sampleOf(), DETAILS);
    expect(virtual.cpu).toEqual(["Cortex-A72 4 Virtual Core"]);
    expect(virtual.virtualization).toBe("kvm");
  });

  it("joins the addresses that it knows", () => {
    const ipOf = (ipv4: string, ipv6: string): string =>
      toNezhaHost(factsOf({ ipv4, ipv6 }), sampleOf(), DETAILS).ip;
    expect(ipOf("203.0.113.1", "2001:db8::1")).toBe("203.0.113.1/2001:db8::1");
    expect(ipOf("203.0.113.1", "")).toBe("203.0.113.1");
    expect(ipOf("", "2001:db8::1")).toBe("2001:db8::1");
    expect(ipOf("", "")).toBe("");
  });

  it("puts the health of the KVM behind the version of the system, not without end", () => {
    const versionOf = (platformVersion: string, health: string): string =>
      toNezhaHost(factsOf({ platformVersion }), sampleOf(), { ...DETAILS, health }).platformVersion;
    expect(versionOf("13.1", "keyboard offline")).toBe("13.1 · keyboard offline");
    expect(versionOf("", "keyboard offline")).toBe("keyboard offline");
    expect(versionOf("13.1", "x".repeat(500))).toHaveLength("13.1 · ".length + 201);
  });

  it("lists the load of GPUs as soon as one is measured", () => {
    const gpu = (name: string, utilizationPercent: number | null) => ({
      name,
      utilizationPercent,
      memoryTotalBytes: null,
      memoryUsedBytes: null,
      celsius: null,
    });
    expect(toNezhaState(sampleOf({ gpus: [gpu("a", null)] })).gpu).toEqual([]);
    expect(toNezhaState(sampleOf({ gpus: [gpu("a", null), gpu("b", 40)] })).gpu).toEqual([0, 40]);
  });

  it("gives every figure its place", () => {
    const temperatures = [{ name: "cpu_thermal", celsius: 51.2 }];
    expect(toNezhaState(sampleOf({ temperatures }))).toEqual({
      cpu: 12.5,
      memUsed: 400,
      swapUsed: 20,
      diskUsed: 300,
      netInTransfer: 7000,
      netOutTransfer: 6000,
      netInSpeed: 70,
      netOutSpeed: 60,
      uptime: 86_400,
      load1: 0.5,
      load5: 0.25,
      load15: 0.125,
      tcpConnCount: 11,
      udpConnCount: 12,
      processCount: 13,
      temperatures: [{ name: "cpu_thermal", temperature: 51.2 }],
      gpu: [],
    });
  });
});
