import type { Counted, Sample, Traffic } from "./sample.ts";

function trafficSince(now: Traffic, before: Traffic, seconds: number): Traffic {
  const rate = (to: number, from: number): number =>
    seconds > 0 ? Math.round(Math.max(0, to - from) / seconds) : 0;
  return {
    ...now,
    receivedBytesPerSecond: rate(now.receivedSinceStartBytes, before.receivedSinceStartBytes),
    sentBytesPerSecond: rate(now.sentSinceStartBytes, before.sentSinceStartBytes),
  };
}

/**
 * The sample with load and rates averaged since `before`, the sample of the previous report: samples are taken every
 * second, reports may be rarer, and what happened between two of them must not be lost.
 */
export function averagedSince(now: Sample, before: Sample | undefined): Sample {
  if (before === undefined || before === now) return now;
  const seconds = (now.monotonicMs - before.monotonicMs) / 1000;
  const counted = (rule: "komari" | "nezha"): Counted => ({
    ...now.counted[rule],
    traffic: trafficSince(now.counted[rule].traffic, before.counted[rule].traffic, seconds),
  });
  const ticks = now.cpuTicks.total - before.cpuTicks.total;
  const busy = now.cpuTicks.busy - before.cpuTicks.busy;
  const isCountable = ticks > 0 && busy >= 0;
  return {
    ...now,
    cpuPercent: isCountable ? Math.min(100, (100 * busy) / ticks) : now.cpuPercent,
    counted: { komari: counted("komari"), nezha: counted("nezha") },
  };
}
