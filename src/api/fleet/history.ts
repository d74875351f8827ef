/** Curves of one node for charts: columns, because objects would be ten times as long. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Clock } from "../../core/clock.ts";
import { ValidationError } from "../../core/errors.ts";
import type { Hub } from "../../hub/hub.ts";
import { coversNode } from "../../hub/probes.ts";
import type { ProbeTask } from "../../hub/probes.ts";
import type { PingCurve as StoredCurve, PingCurves } from "../../hub/series/series.ts";
import { LOAD_COLUMNS, RECENT_COLUMNS } from "../../protocol/fleet/history.ts";
import type {
  LoadHistory,
  PingCurve,
  PingHistory,
  RecentHistory,
} from "../../protocol/fleet/history.ts";
import { hottestOf } from "./node-text.ts";
import { nodeFor } from "./viewer.ts";

export interface HistoryRoutesOptions {
  readonly hub: Hub;
  readonly clock: Clock;
}

const HOUR_MS = 3_600_000;
const MOST_POINTS = 4000;

const RangeQuery = Type.Object({
  from: Type.Optional(Type.Integer()),
  to: Type.Optional(Type.Integer()),
  points: Type.Integer({ minimum: 1, maximum: MOST_POINTS, default: 300 }),
  task: Type.Optional(Type.Integer({ minimum: 1 })),
});
type RangeQuery = Type.Static<typeof RangeQuery>;

interface NodeParams {
  readonly uuid: string;
}

const seconds = (ms: number): number => Math.round(ms / 1000);

function rangeOf({ from, to, points, task }: RangeQuery, now: number) {
  const end = to ?? now;
  const start = from ?? end - HOUR_MS;
  if (start >= end) throw new ValidationError("The range ends before it begins");
  return { from: start, to: end, maxPoints: points, ...(task === undefined ? {} : { task }) };
}

function isComplete<N extends string>(
  columns: Partial<Record<N, number[]>>,
  names: readonly N[],
): columns is Record<N, number[]> {
  return names.every((name) => columns[name] !== undefined);
}

function columnsOf<N extends string, P>(
  names: readonly N[],
  points: readonly P[],
  figure: (point: P, name: N) => number,
): Record<N, number[]> {
  const columns: Partial<Record<N, number[]>> = {};
  for (const name of names) columns[name] = points.map((point) => figure(point, name));
  if (!isComplete(columns, names)) throw new TypeError("a column is missing");
  return columns;
}

const NO_CURVE: StoredCurve = {
  task: 0,
  at: new Float64Array(0),
  sent: new Float64Array(0),
  lost: new Float64Array(0),
  meanMs: new Float64Array(0),
  minMs: new Float64Array(0),
  maxMs: new Float64Array(0),
};

const sum = (values: Float64Array): number => values.reduce((all, value) => all + value, 0);

function curveOf({ id, name, isDefaultOn }: ProbeTask, stored: StoredCurve): PingCurve {
  const { at, sent, lost } = stored;
  const answered = (times: Float64Array): (number | null)[] =>
    Array.from(times, (ms, row) => ((lost[row] ?? 0) >= (sent[row] ?? 0) ? null : ms));
  const total = sum(sent);
  return {
    task: id,
    name,
    isDefaultOn,
    lossPercent: total === 0 ? 0 : (100 * sum(lost)) / total,
    at: Array.from(at, seconds),
    meanMs: answered(stored.meanMs),
    minMs: answered(stored.minMs),
    maxMs: answered(stored.maxMs),
    sent: [...sent],
    lost: [...lost],
  };
}

/** Also tasks without any answer yet, so that a page can name them. */
function curvesOf(
  { probes }: Hub,
  node: number,
  wanted: number | undefined,
  { curves }: PingCurves,
): PingCurve[] {
  const byTask = new Map(curves.map((curve) => [curve.task, curve] as const));
  return probes.tasks
    .filter((task) => wanted === undefined || task.id === wanted)
    .filter((task) => byTask.has(task.id) || coversNode(task, node))
    .map((task) => curveOf(task, byTask.get(task.id) ?? NO_CURVE));
}

function recentOf(hub: Hub, node: number): RecentHistory {
  const reports = hub.ingest.recent(node);
  const columns = columnsOf(RECENT_COLUMNS, reports, (report, name) =>
    name === "temperatureCelsius" ? hottestOf(report) : report[name],
  );
  return { at: reports.map(({ at }) => seconds(at)), columns };
}

type RangeRequest = FastifyRequest<{ Params: NodeParams; Querystring: RangeQuery }>;

export function historyRoutes(app: FastifyInstance, { hub, clock }: HistoryRoutesOptions): void {
  const schema = { querystring: RangeQuery };
  const load = async (request: RangeRequest): Promise<LoadHistory> => {
    const node = nodeFor(hub, request, request.params.uuid);
    const range = rangeOf(request.query, clock.now());
    const { stepMs, points } = await hub.series.load({ node: node.id, ...range });
    const at = points.map((point) => seconds(point.at));
    const columns = columnsOf(LOAD_COLUMNS, points, (point, name) => point[name]);
    return { from: range.from, to: range.to, stepMs, at, columns };
  };
  const pings = async (request: RangeRequest): Promise<PingHistory> => {
    const { id } = nodeFor(hub, request, request.params.uuid);
    const range = rangeOf(request.query, clock.now());
    const found = await hub.series.pingCurves({ node: id, ...range });
    const tasks = curvesOf(hub, id, range.task, found);
    return { from: range.from, to: range.to, stepMs: found.stepMs, tasks };
  };
  app.route<{ Params: NodeParams; Querystring: RangeQuery }>({
    method: "GET",
    url: "/nodes/:uuid/load",
    schema,
    config: { access: "guest" },
    handler: load,
  });
  app.route<{ Params: NodeParams; Querystring: RangeQuery }>({
    method: "GET",
    url: "/nodes/:uuid/pings",
    schema,
    config: { access: "guest" },
    handler: pings,
  });
  app.route<{ Params: NodeParams }>({
    method: "GET",
    url: "/nodes/:uuid/recent",
    config: { access: "guest" },
    handler: (request, reply) =>
      reply.send(recentOf(hub, nodeFor(hub, request, request.params.uuid).id)),
  });
}
