import type { Hub } from "../../../hub/hub.ts";
import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { visitByTime } from "../../../hub/series/curves.ts";
import type { PingCurve, PingCurves } from "../../../hub/series/series.ts";
import { timeText } from "../wire.ts";
import type { Params } from "./call.ts";
import { HOUR_MS, MINUTE_MS } from "./load-records.ts";
import type { Span } from "./load-records.ts";

/** Lost, and "none yet". */
const LOST = -1;
/** Up to here every minute is served: the front ends take a hole in their grid for loss. */
const MINUTES_UP_TO_HOURS = 24;
const POINTS_OF_A_DAY = 1441;
/** Of all curves of one answer beyond a day; a tab of the stock front end freezes at more. */
const MOST_LONG_POINTS = 9000;
/** Of an answer about many nodes, as far as there are figures so coarse. */
const MOST_OF_MANY = 20_000;

/** What one node measured, by task. */
export interface NodePings {
  readonly node: NodeRecord;
  readonly curves: readonly PingCurve[];
}

/** What is read of a node: one task only, and as one of how many nodes of the same answer. */
export interface PingSelection {
  readonly task?: number | undefined;
  readonly nodes?: number;
}

function pointsPerCurve({ from, to }: Span, curves: number, nodes: number): number {
  const isShort = to - from <= MINUTES_UP_TO_HOURS * HOUR_MS;
  const most = isShort ? POINTS_OF_A_DAY : Math.min(1000, Math.ceil(MOST_LONG_POINTS / curves));
  return nodes <= 1 ? most : Math.min(most, Math.ceil(MOST_OF_MANY / (curves * nodes)));
}

/** Results of the tasks that cover a node. Those of tasks that are gone are left out. */
export async function pingCurves(
  { series, probes }: Pick<Hub, "series" | "probes">,
  node: NodeRecord,
  span: Span,
  { task, nodes = 1 }: PingSelection = {},
): Promise<PingCurves> {
  const tasks = probes.tasks.filter(
    (known) => coversNode(known, node.id) && (task === undefined || known.id === task),
  );
  if (tasks.length === 0) return { stepMs: MINUTE_MS, curves: [] };
  const maxPoints = pointsPerCurve(span, tasks.length, nodes);
  const query = { node: node.id, ...span, maxPoints, ...(task === undefined ? {} : { task }) };
  const { stepMs, curves } = await series.pingCurves(query);
  const known = new Set(tasks.map(({ id }) => id));
  return { stepMs, curves: curves.filter((curve) => known.has(curve.task)) };
}

export async function nodePings(
  hub: Pick<Hub, "series" | "probes">,
  node: NodeRecord,
  span: Span,
  selection: PingSelection = {},
): Promise<NodePings> {
  return { node, curves: (await pingCurves(hub, node, span, selection)).curves };
}

/** Milliseconds of what a row stands for; undefined when all was lost. */
export function meanOf({ sent, lost, meanMs }: PingCurve, row: number): number | undefined {
  return (lost[row] ?? 0) >= (sent[row] ?? 0) ? undefined : meanMs[row];
}

/** By time, then by task. Those of one time follow each other and share its text. */
export function pingRecords({ node, curves }: NodePings): readonly Params[] {
  const client = node.uuid;
  const records: Params[] = [];
  let [at, time] = [Number.NaN, ""];
  visitByTime(curves, (curve, row) => {
    const start = curve.at[row] ?? 0;
    if (start !== at) [at, time] = [start, timeText(start)];
    const mean = meanOf(curve, row);
    const value = mean === undefined ? LOST : Math.round(mean);
    records.push({ task_id: curve.task, time, value, client });
  });
  return records;
}

interface Sums {
  readonly total: number;
  readonly lost: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
  readonly latest: number;
}

/** The latest is that of the last curve which has an answer. */
function sumsOf(curves: readonly PingCurve[]): Sums {
  let [total, lost, min, max, sum, latest] = [0, 0, Number.POSITIVE_INFINITY, 0, 0, LOST];
  for (const curve of curves) {
    for (let row = 0; row < curve.at.length; row += 1) {
      const [sent, missing] = [curve.sent[row] ?? 0, curve.lost[row] ?? 0];
      total += sent;
      lost += missing;
      const mean = meanOf(curve, row);
      if (mean === undefined) continue;
      min = Math.min(min, curve.minMs[row] ?? min);
      max = Math.max(max, curve.maxMs[row] ?? max);
      sum += mean * (sent - missing);
      latest = mean;
    }
  }
  const avg = total > lost ? Math.trunc(sum / (total - lost)) : 0;
  const least = Number.isFinite(min) ? Math.round(min) : 0;
  return { total, lost, min: least, max: Math.round(max), avg, latest: Math.round(latest) };
}

/** Milliseconds of all rows that had an answer. */
function meansOf(curves: readonly PingCurve[]): number[] {
  return curves.flatMap((curve) =>
    Array.from(curve.at, (_at, row) => meanOf(curve, row)).filter((mean) => mean !== undefined),
  );
}

/** Linear between the two nearest values; ascending whole numbers go in, a whole number comes out. */
function percentile(values: readonly number[], share: number): number {
  const place = (values.length - 1) * share;
  const [low, high] = [values[Math.floor(place)] ?? 0, values[Math.ceil(place)] ?? 0];
  return Math.round(low + (high - low) * (place - Math.floor(place)));
}

interface PingSpread {
  readonly p50: number;
  readonly p99: number;
}

function spreadOf(curves: readonly PingCurve[]): PingSpread {
  const values = meansOf(curves).map(Math.round);
  values.sort((a, b) => a - b);
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

const percentLost = ({ total, lost }: Sums): number => (total === 0 ? 0 : (lost / total) * 100);

/** What the answers say about each node. */
export function basicInfo({ node, curves }: NodePings): Params {
  const sums = sumsOf(curves);
  return { client: node.uuid, loss: percentLost(sums), min: sums.min, max: sums.max };
}

function curvesOfTask({ id }: ProbeTask, pings: readonly NodePings[]): readonly PingCurve[] {
  return pings.flatMap(({ curves }) => curves.filter(({ task }) => task === id));
}

/** What the answers say about each task, with its nodes where they are asked for; its target is nobody's business. */
export function taskSummary(
  task: ProbeTask,
  pings: readonly NodePings[],
  clients?: readonly string[],
): Params {
  const { total, lost, min, max, avg } = sumsOf(curvesOfTask(task, pings));
  return {
    id: task.id,
    name: task.name,
    type: task.type,
    interval: task.intervalSeconds,
    default_on: task.isDefaultOn,
    loss: percentLost({ total, lost, min, max, avg, latest: 0 }),
    min,
    max,
    avg,
    total,
    ...(clients === undefined ? {} : { clients }),
  };
}

/** The summary with what RPC2 adds to it. */
export function longTaskSummary(
  task: ProbeTask,
  pings: readonly NodePings[],
  clients?: readonly string[],
): Params {
  const curves = curvesOfTask(task, pings);
  const { p50, p99 } = spreadOf(curves);
  const isSpread = p50 > 0 && p99 >= p50;
  const base = Math.max(Math.min(p50, 50), 10);
  return {
    ...taskSummary(task, pings, clients),
    latest: sumsOf(curves).latest,
    p50,
    p99,
    p99_p50_ratio: isSpread ? (p99 - p50) / base : 0,
  };
}

/** The last hour of a node by task, as the status of RPC2 has it. */
export function pingStatus(tasks: readonly ProbeTask[], pings: NodePings): Params {
  const parts = tasks.flatMap((task) => {
    const own = curvesOfTask(task, [pings]);
    if (own.length === 0) return [];
    const sums = sumsOf(own);
    const { p50, p99 } = spreadOf(own);
    const tail = p50 > 0 && p99 >= p50 ? (p99 - p50) / p50 : 0;
    const { latest, avg, min, max } = sums;
    const status = { name: task.name, latest, avg, tail, loss: percentLost(sums), min, max };
    return [[String(task.id), status] as const];
  });
  return Object.fromEntries(parts);
}

/** Figures with fractions, as metrics have them. Percentiles and deviation are of what each row stands for. */
export function pingStatistics(curve: PingCurve): Params {
  const sums = sumsOf([curve]);
  const { total, lost } = sums;
  const valid = total - lost;
  const base = { total, valid, loss: percentLost(sums), p99_p50_ratio: 0 };
  if (valid === 0) return base;
  const values = meansOf([curve]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const { p50, p99 } = spreadOf([curve]);
  return {
    ...base,
    min: sums.min,
    max: sums.max,
    avg: sums.avg,
    latest: sums.latest,
    p50,
    p99,
    stddev: Math.sqrt(spread),
    p99_p50_ratio: p50 > 0 ? (p99 - p50) / p50 : 0,
  };
}
