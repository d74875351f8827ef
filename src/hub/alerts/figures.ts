import type { AlertMetric } from "../../protocol/fleet/alerts.ts";
import type { NodeTraffic } from "../ingest.ts";
import type { NodeNotes, TrafficLimitType } from "../registry.ts";

/** The part of a report, or of a stored point, that rules look at. */
export interface WatchedFigures {
  readonly cpuPercent: number;
  readonly gpuPercent: number;
  readonly load1: number;
  readonly memoryUsedBytes: number;
  readonly memoryTotalBytes: number;
  readonly swapUsedBytes: number;
  readonly swapTotalBytes: number;
  readonly diskUsedBytes: number;
  readonly diskTotalBytes: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly tcpConnections: number;
  readonly udpConnections: number;
  readonly processCount: number;
}

const share = (used: number, total: number): number | undefined =>
  total > 0 ? (100 * used) / total : undefined;

type Read = (figures: WatchedFigures, celsius: number) => number | undefined;

const READERS: Readonly<Record<AlertMetric, Read>> = {
  cpuPercent: ({ cpuPercent }) => cpuPercent,
  memoryPercent: ({ memoryUsedBytes, memoryTotalBytes }) =>
    share(memoryUsedBytes, memoryTotalBytes),
  swapPercent: ({ swapUsedBytes, swapTotalBytes }) => share(swapUsedBytes, swapTotalBytes),
  diskPercent: ({ diskUsedBytes, diskTotalBytes }) => share(diskUsedBytes, diskTotalBytes),
  gpuPercent: ({ gpuPercent }) => gpuPercent,
  load1: ({ load1 }) => load1,
  receivedBytesPerSecond: ({ receivedBytesPerSecond }) => receivedBytesPerSecond,
  sentBytesPerSecond: ({ sentBytesPerSecond }) => sentBytesPerSecond,
  // A machine at 0 degrees has no sensor.
  temperatureCelsius: (_figures, celsius) => (celsius > 0 ? celsius : undefined),
  connections: ({ tcpConnections, udpConnections }) => tcpConnections + udpConnections,
  processCount: ({ processCount }) => processCount,
};

/** Undefined where the node has no such thing. `celsius` is the warmest sensor. */
export function readMetric(
  metric: AlertMetric,
  figures: WatchedFigures,
  celsius: number,
): number | undefined {
  return READERS[metric](figures, celsius);
}

const COUNTED: Readonly<Record<TrafficLimitType, (up: number, down: number) => number>> = {
  sum: (up, down) => up + down,
  max: (up, down) => Math.max(up, down),
  min: (up, down) => Math.min(up, down),
  up: (up) => up,
  down: (_up, down) => down,
};

/** Bytes that count against a limit of this kind (Komari 4.4). */
export function countedTraffic(
  type: TrafficLimitType,
  { receivedBytes, sentBytes }: NodeTraffic,
): number {
  return COUNTED[type](sentBytes, receivedBytes);
}

/** Of the node's own limit; undefined without one. */
export function usedTrafficPercent(
  { trafficLimitBytes, trafficLimitType }: NodeNotes,
  traffic: NodeTraffic,
): number | undefined {
  return share(countedTraffic(trafficLimitType, traffic), trafficLimitBytes);
}

const DAY_MS = 86_400_000;

/** Days until the node expires, negative afterwards; undefined without a date. */
export function daysLeft({ expiresAt }: NodeNotes, now: number): number | undefined {
  return expiresAt === undefined ? undefined : (expiresAt - now) / DAY_MS;
}
