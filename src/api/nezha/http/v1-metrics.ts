import type { LoadField, LoadPoint } from "../../../hub/series/series.ts";

/** Names of metrics (Nezha facts 3.2), and the field of the hub's history that each shows. Memory and disk in bytes. */
const FIELDS: ReadonlyMap<string, LoadField> = new Map<string, LoadField>([
  ["cpu", "cpuPercent"],
  ["memory", "memoryUsedBytes"],
  ["swap", "swapUsedBytes"],
  ["disk", "diskUsedBytes"],
  ["net_in_speed", "receivedBytesPerSecond"],
  ["net_out_speed", "sentBytesPerSecond"],
  ["net_in_transfer", "receivedBytes"],
  ["net_out_transfer", "sentBytes"],
  ["load1", "load1"],
  ["tcp_conn", "tcpConnections"],
  ["udp_conn", "udpConnections"],
  ["process_count", "processCount"],
  ["temperature", "temperatureCelsius"],
  ["gpu", "gpuPercent"],
]);
/** Known, but not kept by the hub: their curves are empty. */
const NOT_KEPT: ReadonlySet<string> = new Set(["load5", "load15", "uptime"]);

/** Undefined for no metric; a function of no points for one that is not kept. */
export function metricOf(
  name: string,
): ((points: readonly LoadPoint[]) => readonly { ts: number; value: number }[]) | undefined {
  if (NOT_KEPT.has(name)) return () => [];
  const field = FIELDS.get(name);
  if (field === undefined) return undefined;
  return (points) => points.map((point) => ({ ts: point.at, value: point[field] }));
}
