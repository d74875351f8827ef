import { describe, expect, it } from "vitest";
import type { Traffic } from "../../src/agent/sample.ts";
import { averagedSince } from "../../src/agent/window.ts";
import { sampleOf } from "../support/agent-sample.ts";

const withTraffic = (part: Partial<Traffic>, more: Parameters<typeof sampleOf>[0] = {}) => {
  const base = sampleOf(more);
  const { komari, nezha } = base.counted;
  return {
    ...base,
    counted: { komari: { ...komari, traffic: { ...komari.traffic, ...part } }, nezha },
  };
};

describe("a sample averaged since the last report", () => {
  it("spreads load and bytes over all the time between", () => {
    const before = withTraffic(
      { receivedSinceStartBytes: 100 },
      { cpuTicks: { busy: 10, total: 100 } },
    );
    const now = withTraffic(
      { receivedSinceStartBytes: 3100, receivedBytesPerSecond: 0 },
      { monotonicMs: 4000, cpuPercent: 0, cpuTicks: { busy: 160, total: 400 } },
    );
    const averaged = averagedSince(now, before);
    expect(averaged.cpuPercent).toBe(50);
    expect(averaged.counted.komari.traffic).toMatchObject({
      receivedBytesPerSecond: 1000,
      sentBytesPerSecond: 0,
      receivedBytes: now.counted.komari.traffic.receivedBytes,
    });
  });

  it("is the sample itself the first time, and when there is no newer one", () => {
    const sample = sampleOf();
    expect(averagedSince(sample, undefined)).toBe(sample);
    expect(averagedSince(sample, sample)).toBe(sample);
  });

  it("keeps the last load when the kernel's counters stand still or go back", () => {
    const before = sampleOf({ cpuTicks: { busy: 500, total: 1000 } });
    const now = sampleOf({ cpuTicks: { busy: 400, total: 1200 }, monotonicMs: 2000 });
    expect(averagedSince(now, before).cpuPercent).toBe(now.cpuPercent);
  });
});
