import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { createLinuxHost } from "../../../src/platform/host/linux-host.ts";
import {
  CONTAINER,
  ONECLOUD,
  RASPBERRY_PI_4,
  RASPBERRY_PI_5,
  RASPBERRY_PI_ZERO_2,
  X86_BOX,
} from "../../fixtures/host/boards.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { graft, plantTree } from "../../support/plant-tree.ts";
import type { TreeFiles } from "../../support/plant-tree.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";

function setUp(files: TreeFiles, process = scriptedRunner()) {
  const root = plantTree(files);
  const clock = fakeClock();
  return {
    root,
    clock,
    process,
    host: createLinuxHost({ root, process, clock, log: silentLogger }),
  };
}

describe("createLinuxHost", () => {
  it("reads name, uptime and kernel", () => {
    const { host } = setUp(RASPBERRY_PI_4);
    expect(host.hostName()).toBe("kvm01");
    expect(host.uptimeSeconds()).toBe(65_425);
    expect(host.kernel().system).toBe("Linux");
    expect(Object.values(host.kernel()).every((text) => text !== "")).toBe(true);
  });

  it("measures memory and processor temperature", async () => {
    const { host } = setUp(ONECLOUD);
    expect(await host.health()).toMatchObject({
      cpuTemperature: 57.187,
      memoryTotalBytes: 1_003_520 * 1024,
      memoryAvailableBytes: 792_112 * 1024,
      throttling: null,
      fan: null,
    });
  });

  it("takes the zone of the processor, not the first one", async () => {
    expect((await setUp(X86_BOX).host.health()).cpuTemperature).toBe(44);
  });

  it("measures load since the previous reading", async () => {
    const { host, root } = setUp({ "/proc/stat": "cpu 100 0 0 100 0\n" });
    expect((await host.health()).cpuPercent).toBeNull();
    graft(root, { "/proc/stat": "cpu 125 0 0 175 0\n" });
    expect((await host.health()).cpuPercent).toBe(25);
    graft(root, { "/proc/stat": "cpu 225 0 0 175 0\n" });
    expect((await host.health()).cpuPercent).toBe(100);
  });

  it("answers null for everything that a container does not show", async () => {
    expect(await setUp(CONTAINER).host.health()).toEqual({
      cpuTemperature: null,
      cpuPercent: null,
      memoryTotalBytes: null,
      memoryAvailableBytes: null,
      throttling: null,
      fan: null,
    });
    expect(setUp(CONTAINER).host.uptimeSeconds()).toBeGreaterThan(0);
  });

  it("answers null when a sensor vanishes and finds it again after it moved", async () => {
    const { host, root, clock } = setUp(ONECLOUD);
    await host.health();
    rmSync(`${root}/sys/class/thermal`, { recursive: true });
    expect((await host.health()).cpuTemperature).toBeNull();
    graft(root, {
      "/sys/class/thermal/thermal_zone3/type": "soc-thermal\n",
      "/sys/class/thermal/thermal_zone3/temp": "40000\n",
    });
    await clock.advance(60_000);
    expect((await host.health()).cpuTemperature).toBe(40);
  });

  it("does not believe a temperature that no board survives", async () => {
    const { host, root } = setUp(ONECLOUD);
    graft(root, { "/sys/class/thermal/thermal_zone0/temp": "-273000\n" });
    expect((await host.health()).cpuTemperature).toBeNull();
  });

  it("uses a hwmon chip where there are no thermal zones", async () => {
    const { host } = setUp({
      "/sys/class/hwmon/hwmon0/name": "nvme\n",
      "/sys/class/hwmon/hwmon0/temp1_input": "30000\n",
      "/sys/class/hwmon/hwmon1/name": "k10temp\n",
      "/sys/class/hwmon/hwmon1/temp1_input": "61250\n",
    });
    expect((await host.health()).cpuTemperature).toBe(61.25);
  });

  it("reads a fan's duty, speed and turns", async () => {
    expect((await setUp(RASPBERRY_PI_5).host.health()).fan).toEqual({
      speedPercent: 49,
      pwm: 125,
      rpm: 4821,
      ok: true,
    });
  });

  it("says when a driven fan does not turn", async () => {
    expect((await setUp(X86_BOX).host.health()).fan).toMatchObject({ rpm: 0, ok: false });
  });

  it("trusts a fan without a tachometer", async () => {
    const { host } = setUp({
      "/sys/class/hwmon/hwmon0/name": "pwmfan\n",
      "/sys/class/hwmon/hwmon0/pwm1": "0\n",
    });
    expect((await host.health()).fan).toEqual({ speedPercent: 0, pwm: 0, rpm: null, ok: true });
  });

  it("collects the inventory once", async () => {
    const { host } = setUp(CONTAINER);
    const inventory = await host.inventory();
    expect(inventory.cpuCores).toBeGreaterThan(0);
    expect(await host.inventory()).toBe(inventory);
  });
});

describe("throttling of createLinuxHost", () => {
  const saying = (text: string) => scriptedRunner({ vcgencmd: () => succeed(text) });

  it("asks the firmware of a Raspberry Pi", async () => {
    const { host } = setUp(RASPBERRY_PI_4, saying("throttled=0x50005\n"));
    expect((await host.health()).throttling).toMatchObject({
      raw: 0x50005,
      undervoltage: { now: true, past: true },
      frequencyCapped: { now: false, past: false },
    });
  });

  it("starts the firmware's program at most every five seconds", async () => {
    const { host, process, clock } = setUp(RASPBERRY_PI_4, saying("throttled=0x0"));
    await Promise.all([host.health(), host.health()]);
    await clock.advance(4999);
    await host.health();
    expect(process.runs).toEqual([{ command: "/usr/bin/vcgencmd", args: ["get_throttled"] }]);
    await clock.advance(1);
    await host.health();
    expect(process.runs).toHaveLength(2);
  });

  it("never starts it on other boards", async () => {
    const { host, process } = setUp(ONECLOUD, saying("throttled=0x0"));
    expect((await host.health()).throttling).toBeNull();
    expect(process.runs).toEqual([]);
  });

  it("uses the kernel's word where the program is missing", async () => {
    expect((await setUp(RASPBERRY_PI_ZERO_2).host.health()).throttling?.raw).toBe(0x50005);
  });

  it("uses the kernel's word where the program fails, and leaves the program alone for a minute", async () => {
    const { host, process, clock } = setUp(RASPBERRY_PI_ZERO_2, saying("VCHI failed"));
    expect((await host.health()).throttling?.raw).toBe(0x50005);
    await clock.advance(59_000);
    expect((await host.health()).throttling?.raw).toBe(0x50005);
    expect(process.runs).toHaveLength(1);
  });

  it("remembers an undervoltage alarm as past", async () => {
    const { host, root } = setUp(RASPBERRY_PI_4);
    const alarm = "/sys/class/hwmon/hwmon1/in0_lcrit_alarm";
    expect((await host.health()).throttling?.raw).toBe(0);
    graft(root, { [alarm]: "1\n" });
    expect((await host.health()).throttling?.undervoltage).toEqual({ now: true, past: true });
    graft(root, { [alarm]: "0\n" });
    expect((await host.health()).throttling?.undervoltage).toEqual({ now: false, past: true });
  });

  it("survives a program that cannot be run", async () => {
    const broken = scriptedRunner({
      vcgencmd: () => Promise.reject(new Error("permission denied")),
    });
    expect((await setUp(RASPBERRY_PI_4, broken).host.health()).throttling?.raw).toBe(0);
  });
});
