import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { LoadPoint, RangeQuery } from "../../../hub/series/series.ts";
import { timeText } from "../wire.ts";
import type { Params } from "./call.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Up to here the front ends draw a curve of minutes, up to the second one of quarters of an hour, then one of hours. */
const MINUTES_UP_TO_HOURS = 4;
const QUARTERS_UP_TO_HOURS = 120;
/** Of one curve; a year of hours fits in. */
const MOST_POINTS = 9000;

export interface Span {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

export function spanOfHours(hours: number, now: number): Span {
  return { from: now - hours * HOUR_MS, to: now };
}

/** The resolution that the stock front end lays its grid for (Komari 6.2): coarser data would show as holes. */
export function stepOf({ from, to }: Span): number {
  const hours = (to - from) / HOUR_MS;
  if (hours <= MINUTES_UP_TO_HOURS) return MINUTE_MS;
  return hours <= QUARTERS_UP_TO_HOURS ? 15 * MINUTE_MS : HOUR_MS;
}

/** Evenly chosen items, the first and the last among them. */
export function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  if (most <= 1) return items.slice(items.length - Math.max(0, most));
  const stride = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * stride)]).flatMap(
    (item) => (item === undefined ? [] : [item]),
  );
}

/** The load of a node in ascending order of time, evenly thinned to `most`. Rejects like `Series.load`. */
export async function loadPoints(
  { series }: Pick<Hub, "series">,
  node: NodeRecord,
  span: Span,
  most = MOST_POINTS,
): Promise<readonly LoadPoint[]> {
  const stepMs = stepOf(span);
  const query: RangeQuery = { node: node.id, ...span, stepMs, maxPoints: MOST_POINTS };
  return thinned((await series.load(query)).points, most);
}

/** `ram`, `swap` and `disk` are used bytes, whatever the published description says (Komari 2.3). */
export function loadRecord(uuid: string, point: LoadPoint): Params {
  return {
    client: uuid,
    time: timeText(point.at),
    cpu: point.cpuPercent,
    gpu: point.gpuPercent,
    ram: point.memoryUsedBytes,
    ram_total: point.memoryTotalBytes,
    swap: point.swapUsedBytes,
    swap_total: point.swapTotalBytes,
    load: point.load1,
    temp: point.temperatureCelsius,
    disk: point.diskUsedBytes,
    disk_total: point.diskTotalBytes,
    net_in: point.receivedBytesPerSecond,
    net_out: point.sentBytesPerSecond,
    net_total_up: point.sentBytes,
    net_total_down: point.receivedBytes,
    traffic_up: point.sentDeltaBytes,
    traffic_down: point.receivedDeltaBytes,
    process: point.processCount,
    connections: point.tcpConnections,
    connections_udp: point.udpConnections,
  };
}

/** Fields of each kind of load that can be asked for alone. */
const FIELDS_OF = new Map<string, readonly string[]>([
  ["cpu", ["cpu"]],
  ["gpu", ["gpu"]],
  ["ram", ["ram", "ram_total"]],
  ["swap", ["swap", "swap_total"]],
  ["load", ["load"]],
  ["temp", ["temp"]],
  ["disk", ["disk", "disk_total"]],
  ["network", ["net_in", "net_out", "net_total_up", "net_total_down"]],
  ["process", ["process"]],
  ["connections", ["connections", "connections_udp"]],
]);

export function isLoadType(kind: string): boolean {
  return kind === "" || kind === "all" || FIELDS_OF.has(kind);
}

/** Everything, rather than one kind of load, is asked for. */
export function isWholeLoad(kind: string): boolean {
  return kind === "" || kind === "all";
}

function percentOf(kind: string, record: Params): Params {
  const [used, total] = [record[kind], record[`${kind}_total`]];
  if (typeof used !== "number" || typeof total !== "number" || total <= 0) return {};
  return { [`${kind}_percent`]: (used / total) * 100 };
}

/** A record with one kind of load only; deliberately different from the original: `connections_tcp` is right. */
export function partOfRecord(kind: string, record: Params): Params {
  const fields = ["client", "time", ...(FIELDS_OF.get(kind) ?? [])];
  return {
    ...Object.fromEntries(fields.map((field) => [field, record[field]])),
    ...percentOf(kind, record),
    ...(kind === "connections" ? { connections_tcp: record["connections"] } : {}),
  };
}
