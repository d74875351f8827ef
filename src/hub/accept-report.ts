import { NO_FACTS } from "./report.ts";
import type { NodeFacts, NodeGpu, NodeReport, NodeTemperature } from "./report.ts";

/** Lists and texts of an agent beyond this are cut. */
const MAX_GPUS = 16;
const MAX_TEMPERATURES = 64;
const MAX_NAME = 128;
const MAX_MESSAGE = 4096;
const MAX_LOAD = 1e6;
const MAX_COUNT = 1e8;
/** No machine moves more in a second: 10 Tbit/s. */
export const MAX_BYTES_PER_SECOND = 1.25e12;
const MAX_CELSIUS = 1000;

/** Brings figures back into what is possible and counts how often it had to. */
export class Limiter {
  clamped = 0;

  /** At least 0; not a number is 0. */
  most(value: number, limit: number): number {
    if (value >= 0 && value <= limit) return value;
    this.clamped += 1;
    return value > limit ? limit : 0;
  }

  /** A whole number of bytes or things. */
  whole(value: number, limit = Number.MAX_SAFE_INTEGER): number {
    return Math.floor(this.most(value, limit));
  }

  text(value: string, limit: number): string {
    if (value.length <= limit) return value;
    this.clamped += 1;
    return value.slice(0, limit);
  }

  list<T>(values: readonly T[], limit: number): readonly T[] {
    if (values.length <= limit) return values;
    this.clamped += 1;
    return values.slice(0, limit);
  }

  celsius(value: number): number {
    if (value >= -MAX_CELSIUS && value <= MAX_CELSIUS) return value;
    this.clamped += 1;
    return 0;
  }
}

const NO_GPUS: readonly NodeGpu[] = [];
const NO_TEMPERATURES: readonly NodeTemperature[] = [];

function acceptGpus(limit: Limiter, gpus: readonly NodeGpu[]): readonly NodeGpu[] {
  if (gpus.length === 0) return NO_GPUS;
  return limit.list(gpus, MAX_GPUS).map((gpu) => ({
    name: limit.text(gpu.name, MAX_NAME),
    utilizationPercent: limit.most(gpu.utilizationPercent, 100),
    memoryTotalBytes: limit.whole(gpu.memoryTotalBytes),
    memoryUsedBytes: limit.whole(gpu.memoryUsedBytes),
    celsius: limit.celsius(gpu.celsius),
  }));
}

function acceptTemperatures(
  limit: Limiter,
  temperatures: readonly NodeTemperature[],
): readonly NodeTemperature[] {
  if (temperatures.length === 0) return NO_TEMPERATURES;
  return limit.list(temperatures, MAX_TEMPERATURES).map(({ name, celsius }) => ({
    name: limit.text(name, MAX_NAME),
    celsius: limit.celsius(celsius),
  }));
}

/** A copy in which every figure is finite, not negative and possible, and every list and text is bounded. */
export function acceptReport(
  limit: Limiter,
  report: NodeReport,
  at: number,
): NodeReport & { readonly at: number } {
  return {
    at,
    cpuPercent: limit.most(report.cpuPercent, 100),
    load1: limit.most(report.load1, MAX_LOAD),
    load5: limit.most(report.load5, MAX_LOAD),
    load15: limit.most(report.load15, MAX_LOAD),
    memoryTotalBytes: limit.whole(report.memoryTotalBytes),
    memoryUsedBytes: limit.whole(report.memoryUsedBytes),
    swapTotalBytes: limit.whole(report.swapTotalBytes),
    swapUsedBytes: limit.whole(report.swapUsedBytes),
    diskTotalBytes: limit.whole(report.diskTotalBytes),
    diskUsedBytes: limit.whole(report.diskUsedBytes),
    receivedBytesPerSecond: limit.whole(report.receivedBytesPerSecond, MAX_BYTES_PER_SECOND),
    sentBytesPerSecond: limit.whole(report.sentBytesPerSecond, MAX_BYTES_PER_SECOND),
    receivedBytes: limit.whole(report.receivedBytes),
    sentBytes: limit.whole(report.sentBytes),
    tcpConnections: limit.whole(report.tcpConnections, MAX_COUNT),
    udpConnections: limit.whole(report.udpConnections, MAX_COUNT),
    processCount: limit.whole(report.processCount, MAX_COUNT),
    uptimeSeconds: limit.whole(report.uptimeSeconds, 1e10),
    temperatures: acceptTemperatures(limit, report.temperatures),
    gpuPercent: limit.most(report.gpuPercent, 100),
    gpus: acceptGpus(limit, report.gpus),
    message: limit.text(report.message, MAX_MESSAGE),
  };
}

const FACT_TEXT = 256;
const FACT_LIST = 32;

/** Facts with every text and list bounded and every figure possible; keys that are absent stay so. */
export function acceptFacts(limit: Limiter, facts: Partial<NodeFacts>): Partial<NodeFacts> {
  const clean = (value: unknown): unknown => {
    if (typeof value === "number") return limit.whole(value);
    if (typeof value === "string") return limit.text(value, FACT_TEXT);
    if (!Array.isArray(value)) return undefined;
    return limit.list(value, FACT_LIST).map((item) => limit.text(String(item), FACT_TEXT));
  };
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([key]) => Object.hasOwn(NO_FACTS, key))
      .map(([key, value]) => [key, clean(value)]),
  );
}
