/**
 * The history as themes of 2026 ask for it (Komari 2.6). Deliberately different from the original: figures of a step
 * are means, last values or sums as they are stored, and `downsample_algorithm` says which; others are not made up.
 */
import { ValidationError } from "../../../core/errors.ts";
import { coversNode } from "../../../hub/probes.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { LOAD_FIELDS } from "../../../hub/series/series.ts";
import type { LoadField, LoadPoint, PingCurves, SeriesRange } from "../../../hub/series/series.ts";
import { timeText } from "../wire.ts";
import type { CallParts, CallTable, Caller, Params } from "./call.ts";
import { HOUR_MS, MINUTE_MS } from "./load-records.ts";
import type { Span } from "./load-records.ts";
import { visibleNode, visibleNodes } from "./node-view.ts";
import { isTree, textOf, textsOf, timeOf, wholeOf } from "./params.ts";
import { meanOf, pingCurves, pingStatistics } from "./ping-records.ts";

const STANDARD_HOURS = 4;
const STANDARD_POINTS = 500;
const MOST_POINTS = 5000;
/** Of one metric of all nodes, as far as there are figures so coarse. */
const MOST_OF_ALL = 10_000;
const MOST_NODES = 100;
const MOST_METRICS = 32;

interface Metric {
  readonly field?: LoadField;
  readonly ping?: "latency" | "loss";
  readonly type: "gauge" | "counter";
  readonly unit: string;
  readonly description: string;
}

const load = (field: LoadField, unit: string, description: string): Metric => ({
  field,
  type: "gauge",
  unit,
  description,
});

const METRICS: Readonly<Record<string, Metric>> = {
  "cpu.usage": load("cpuPercent", "%", "CPU usage"),
  "gpu.usage": load("gpuPercent", "%", "GPU usage"),
  "memory.used": load("memoryUsedBytes", "bytes", "Memory used"),
  "swap.used": load("swapUsedBytes", "bytes", "Swap used"),
  "load.average": load("load1", "", "Load average of a minute"),
  "disk.used": load("diskUsedBytes", "bytes", "Disk used"),
  "net.in.rate": load("receivedBytesPerSecond", "bytes/s", "Received per second"),
  "net.out.rate": load("sentBytesPerSecond", "bytes/s", "Sent per second"),
  "net.total.up": { ...load("sentBytes", "bytes", "Sent in all"), type: "counter" },
  "net.total.down": { ...load("receivedBytes", "bytes", "Received in all"), type: "counter" },
  "traffic.up": load("sentDeltaBytes", "bytes", "Sent within the step"),
  "traffic.down": load("receivedDeltaBytes", "bytes", "Received within the step"),
  "process.count": load("processCount", "count", "Processes"),
  "connections.tcp": load("tcpConnections", "count", "TCP connections"),
  "connections.udp": load("udpConnections", "count", "UDP connections"),
  "ping.latency_ms": { ping: "latency", type: "gauge", unit: "ms", description: "Ping latency" },
  "ping.loss": { ping: "loss", type: "gauge", unit: "ratio", description: "Share of lost pings" },
};

const ALGORITHMS = { mean: "avg", last: "last", sum: "sum" } as const;

function algorithmOf({ field }: Metric): string {
  const rule = LOAD_FIELDS.find(({ name }) => name === field);
  return ALGORITHMS[rule?.rollUp ?? "mean"];
}

function listOf(params: Params, many: readonly string[], one: readonly string[]): string[] {
  const texts = many.flatMap((name) => textsOf(params[name]));
  const singles = one.map((name) => textOf(params, name)).filter((text) => text !== "");
  return [...new Set([...texts, ...singles])];
}

function spanOf(params: Params, now: number): Span {
  const to = Math.min(timeOf(params, "end") ?? timeOf(params, "end_time") ?? now, now);
  const hours = Number(params["hours"] ?? STANDARD_HOURS);
  if (!(hours > 0)) throw new ValidationError("hours is not a number above 0");
  const asked = timeOf(params, "start") ?? timeOf(params, "start_time");
  const from = asked ?? to - Math.min(hours, 88_000) * HOUR_MS;
  if (from >= to) throw new ValidationError("end must be after start");
  return { from, to };
}

/** The visible ones of those that are named, or all. Throws `ValidationError` for too many. */
function nodesOf({ hub }: CallParts, uuids: readonly string[], caller: Caller) {
  const nodes: readonly NodeRecord[] =
    uuids.length === 0
      ? visibleNodes(hub, caller)
      : uuids.flatMap((uuid) => visibleNode(hub, caller, uuid) ?? []);
  if (nodes.length <= MOST_NODES) return nodes;
  throw new ValidationError(`Name entity_ids: there are more than ${MOST_NODES} nodes`);
}

function pointsOf(params: Params, key: string): number {
  const byMetric = params["max_points_by_metric"] ?? params["points_by_metric"];
  const own = isTree(byMetric) ? byMetric[key] : undefined;
  const wanted = wholeOf({ wanted: own ?? params["max_points"] }, "wanted", "max_points is wrong");
  return Math.min(Math.max(1, wanted ?? STANDARD_POINTS), MOST_POINTS);
}

interface Curve {
  readonly tags?: Params;
  readonly stepMs: number;
  readonly points: readonly Params[];
}

interface Reading {
  readonly params: Params;
  readonly span: Span;
  readonly parts: CallParts;
  readonly node: NodeRecord;
  /** How many there are in the same answer. */
  readonly nodes: number;
  /** Read once for all metrics of the node. */
  range?: Promise<SeriesRange<LoadPoint>>;
  pings?: Promise<PingCurves>;
}

function curvesOfPings({ ping }: Metric, { stepMs, curves }: PingCurves): readonly Curve[] {
  return curves.map((curve) => {
    const tags = { task_id: String(curve.task) };
    const points = Array.from(curve.at, (at, row) => {
      const [sent = 0, lost = 0] = [curve.sent[row], curve.lost[row]];
      const share = sent === 0 ? 0 : lost / sent;
      const value = ping === "loss" ? share : (meanOf(curve, row) ?? -1);
      return { time: timeText(at), value, count: sent, tags };
    });
    return { tags, stepMs, points };
  });
}

async function curvesOf(reading: Reading, key: string, metric: Metric): Promise<readonly Curve[]> {
  const { parts, node, span } = reading;
  const { field } = metric;
  if (field === undefined) {
    reading.pings ??= pingCurves(parts.hub, node, span, { nodes: reading.nodes });
    const curves = curvesOfPings(metric, await reading.pings);
    const { tags } = reading.params;
    const task = isTree(tags) ? tags["task_id"] : undefined;
    return task === undefined
      ? curves
      : curves.filter((curve) => curve.tags?.["task_id"] === String(Number(task)));
  }
  const maxPoints = Math.min(pointsOf(reading.params, key), Math.ceil(MOST_OF_ALL / reading.nodes));
  reading.range ??= parts.hub.series.load({ node: node.id, ...span, maxPoints });
  const { stepMs, points } = await reading.range;
  const view = (point: LoadPoint): Params => ({
    time: timeText(point.at),
    value: point[field],
    count: 1,
  });
  return [{ stepMs, points: points.map(view) }];
}

/** With a point without a value at the beginning and the end of what is missing, for charts. */
function filled(points: readonly Params[], { from, to }: Span): readonly Params[] {
  const [first] = points;
  if (first === undefined) {
    return [
      { time: timeText(from), value: null },
      { time: timeText(to), value: null },
    ];
  }
  const isLate = Date.parse(String(first["time"])) > from;
  return isLate ? [{ time: timeText(from), value: null }, ...points] : points;
}

async function queryMetrics(parts: CallParts, params: Params, caller: Caller): Promise<Params> {
  const keys = listOf(params, ["metric_keys", "metrics"], ["metric_key"]);
  if (keys.length === 0) throw new ValidationError("metric_keys is required");
  const unknown = keys.find((key) => !Object.hasOwn(METRICS, key));
  if (unknown !== undefined) throw new ValidationError(`unknown metric key: ${unknown}`);
  if (keys.length > MOST_METRICS) throw new ValidationError("These are too many metrics");
  const span = spanOf(params, parts.clock.now());
  const nodes = nodesOf(parts, listOf(params, ["entity_ids"], ["entity_id"]), caller);
  const readings = nodes.map((node): Reading => ({
    params,
    span,
    parts,
    node,
    nodes: nodes.length,
  }));
  const series: Params[] = [];
  for (const key of keys) {
    const metric = METRICS[key];
    if (metric === undefined) continue;
    for (const reading of readings) {
      const curves = await curvesOf(reading, key, metric);
      const shown = curves.length === 0 ? [{ stepMs: MINUTE_MS, points: [] }] : curves;
      for (const curve of shown) series.push(seriesView(reading, key, metric, curve));
    }
  }
  return {
    start: timeText(span.from),
    end: timeText(span.to),
    server_downsample_default: true,
    default_points: STANDARD_POINTS,
    count: series.length,
    series,
  };
}

function seriesView(reading: Reading, key: string, metric: Metric, curve: Curve): Params {
  const { params, span, node, parts } = reading;
  const hasHoles = params["fill_empty"] === true;
  const points = hasHoles ? filled(curve.points, span) : curve.points;
  return {
    metric_key: key,
    entity_id: node.uuid,
    type: metric.type,
    unit: metric.unit,
    retention_days: parts.config.hub.storage.hourDays,
    ...(curve.tags === undefined ? {} : { tags: curve.tags }),
    downsampled: true,
    downsample_algorithm: algorithmOf(metric),
    ...(hasHoles ? { fill_empty: true } : {}),
    max_points: pointsOf(params, key),
    interval_seconds: curve.stepMs / 1000,
    count: points.length,
    points,
  };
}

async function pingStats(parts: CallParts, params: Params, caller: Caller): Promise<Params> {
  const { hub, clock } = parts;
  const span = spanOf(params, clock.now());
  const nodes = nodesOf(parts, listOf(params, ["entity_ids"], ["entity_id", "uuid"]), caller);
  const many: readonly unknown[] = Array.isArray(params["task_ids"]) ? params["task_ids"] : [];
  const asked = [params["task_id"], ...many];
  const ids = new Set(asked.flatMap((id) => (id === undefined ? [] : [Number(id)])));
  const stats: Params[] = [];
  let stepMs = 0;
  for (const node of nodes) {
    const range = await pingCurves(hub, node, span, { nodes: nodes.length });
    stepMs = Math.max(stepMs, range.stepMs);
    const tasks = hub.probes.tasks.filter(({ id }) => ids.size === 0 || ids.has(id));
    for (const task of tasks) {
      if (!coversNode(task, node.id)) continue;
      const own = range.curves.find((curve) => curve.task === task.id);
      if (own === undefined) continue;
      stats.push({
        entity_id: node.uuid,
        task_id: String(task.id),
        name: task.name,
        type: task.type,
        interval: task.intervalSeconds,
        tags: { task_id: String(task.id) },
        ...pingStatistics(own),
      });
    }
  }
  return {
    start: timeText(span.from),
    end: timeText(span.to),
    interval_seconds: stepMs / 1000,
    stats,
    count: stats.length,
  };
}

export function metricCalls(parts: CallParts): CallTable {
  const since = timeText(0);
  return {
    "public:listMetricDefinitions": {
      access: "guest",
      summary: "What can be asked for",
      run: () =>
        Object.entries(METRICS).map(([name, { description, type, unit }]) => ({
          name,
          description,
          type,
          unit,
          retention_days: parts.config.hub.storage.hourDays,
          created_at: since,
          updated_at: since,
        })),
    },
    "public:queryMetrics": {
      access: "guest",
      summary: "Curves of nodes",
      run: (params, caller) => queryMetrics(parts, params, caller),
    },
    "public:getPingMetricStats": {
      access: "guest",
      summary: "Figures of ping tasks by node",
      run: (params, caller) => pingStats(parts, params, caller),
    },
    "public:recordVisitorEvent": {
      access: "guest",
      isOpen: true,
      summary: "Visitors are not recorded",
      run: () => ({ status: "disabled" }),
    },
  };
}
