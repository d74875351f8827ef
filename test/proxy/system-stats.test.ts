import { describe, expect, it } from "vitest";
import { NO_SYSTEM_STATS, SystemSampler } from "../../src/proxy/system-stats.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";

const MEMINFO = "MemTotal:       2000 kB\nMemFree:         100 kB\nMemAvailable:    500 kB\n";
const stat = (busy: number, idle: number): string =>
  `cpu  ${busy} 0 0 ${idle} 0 0 0 0 7 7\ncpu0 1 0 0 1\ncpu1 1 0 0 1\nintr 5\n`;
const dev = (received: number, sent: number): string =>
  [
    "Inter-|   Receive                  |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes packets",
    `  eth0: ${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0`,
    `wlan0:${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0`,
    "    lo: 999999 1 0 0 0 0 0 0 999999 1 0 0 0 0 0 0",
  ].join("\n");

function setUp() {
  const clock = fakeClock();
  const files = memoryFiles();
  const machine = (busy: number, idle: number, received: number, sent: number): void => {
    files.edit("/proc/stat", stat(busy, idle));
    files.edit("/proc/meminfo", MEMINFO);
    files.edit("/proc/net/dev", dev(received, sent));
  };
  return { clock, files, machine, sampler: new SystemSampler(files, clock) };
}

describe("SystemSampler", () => {
  it("tells load and speeds between two readings", async () => {
    const { clock, machine, sampler } = setUp();
    machine(100, 100, 1000, 2000);
    sampler.start();
    await clock.advance(1999);
    expect(sampler.latest).toEqual({
      memTotal: 2_048_000n,
      memUsed: 1_536_000n,
      cpuCores: 2n,
      cpuUsage: 0,
      incomingBandwidthSpeed: 0n,
      outgoingBandwidthSpeed: 0n,
    });
    machine(150, 250, 3000, 2500);
    await clock.advance(1);
    expect(sampler.latest).toMatchObject({
      cpuUsage: 25,
      incomingBandwidthSpeed: 2000n,
      outgoingBandwidthSpeed: 500n,
    });
  });

  it("tells no negative speed when an interface is gone", async () => {
    const { clock, machine, sampler } = setUp();
    machine(100, 100, 5000, 5000);
    sampler.start();
    await clock.advance(100);
    machine(100, 100, 10, 10);
    await clock.advance(2000);
    expect(sampler.latest).toMatchObject({ incomingBandwidthSpeed: 0n, cpuUsage: 0 });
  });

  it("rests when it is stopped", async () => {
    const { clock, machine, sampler } = setUp();
    machine(1, 1, 1, 1);
    sampler.start();
    await clock.advance(5000);
    sampler.stop();
    expect([sampler.latest, clock.pending]).toEqual([NO_SYSTEM_STATS, 0]);
  });

  it("survives a machine that tells nothing", async () => {
    const { clock, files, sampler } = setUp();
    files.readError = "permission denied";
    sampler.start();
    await clock.advance(5000);
    files.readError = undefined;
    await clock.advance(2000);
    expect(sampler.latest).toEqual(NO_SYSTEM_STATS);
  });
});
