/** Ping results as dashboards of v1 and later show them (Nezha facts 3.2). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { PingPoint } from "../../../hub/series/series.ts";
import { visibleNodes } from "./node-figures.ts";
import { meanDelay, pingCurves } from "./ping-curves.ts";
import { ServiceBoard } from "./service-board.ts";
import { SharedAnswers } from "./shared-answers.ts";
import type { V1Options } from "./v1-options.ts";
import {
  V1Failure,
  audienceOf,
  compact,
  demandDays,
  demandId,
  demandNode,
  success,
} from "./v1-answer.ts";
import { metricOf } from "./v1-metrics.ts";
import { serviceCurve, serviceObject } from "./v1-view.ts";

interface WithPeriod {
  readonly Params: { readonly id: string };
  readonly Querystring: { readonly period?: string; readonly metric?: string };
}

const DAY_MS = 86_400_000;
/** Curves of one ping task are read node by node. */
const MAX_NODES = 200;
const HISTORY_MS = 30_000;

function isCurve({ type }: ProbeTask): boolean {
  return type !== "http";
}

function pointObject(point: PingPoint) {
  const status = point.lost < point.sent ? 1 : 0;
  return { ts: point.at, delay: meanDelay(point), status };
}

function historyStats(node: NodeRecord, points: readonly PingPoint[]) {
  const sum = (pick: (point: PingPoint) => number): number =>
    points.reduce((all, point) => all + pick(point), 0);
  const sent = sum((point) => point.sent);
  const down = sum((point) => point.lost);
  const up = sent - down;
  const answered = sum((point) => point.meanMs * (point.sent - point.lost));
  return {
    server_id: node.id,
    server_name: node.name,
    stats: {
      avg_delay: up === 0 ? 0 : answered / up,
      up_percent: sent === 0 ? 0 : (100 * up) / sent,
      total_up: up,
      total_down: down,
      data_points: points.map(pointObject),
    },
  };
}

const THIRTY_ZEROS = Array.from({ length: 30 }, () => 0);
const NO_STATS = {
  current_up: 0,
  current_down: 0,
  total_up: 0,
  total_down: 0,
  delay: THIRTY_ZEROS,
  up: THIRTY_ZEROS,
  down: THIRTY_ZEROS,
};

async function boardAnswer({ hub }: V1Options, board: ServiceBoard, request: FastifyRequest) {
  const audience = audienceOf(hub, request);
  const nodes = visibleNodes(hub, audience);
  const stats = await board.read(audience);
  // A task that no visible node has is none of a guest's business.
  const tasks = hub.probes.tasks.filter((task) => nodes.some(({ id }) => coversNode(task, id)));
  const services = tasks.map(
    ({ id, name }) => [id, { service_name: name, ...(stats.get(id) ?? NO_STATS) }] as const,
  );
  return success(services.length === 0 ? {} : { services: Object.fromEntries(services) });
}

function boardRoutes(app: FastifyInstance, options: V1Options): void {
  const { hub, clock } = options;
  const board = new ServiceBoard(hub, clock);
  app.get("/api/v1/service", { config: { access: "guest" } }, (request) =>
    boardAnswer(options, board, request),
  );
  app.get("/api/v1/service/server", { config: { access: "guest" } }, (request) => {
    const nodes = visibleNodes(hub, audienceOf(hub, request));
    const { tasks } = hub.probes;
    const covered = nodes.filter(({ id }) => tasks.some((task) => coversNode(task, id)));
    return success(covered.map(({ id }) => id));
  });
  app.get("/api/v1/service/list", { config: { access: "viewer" } }, () =>
    success(hub.probes.tasks.map(serviceObject)),
  );
}

async function curvesAnswer(
  { hub, clock }: V1Options,
  request: FastifyRequest<WithPeriod>,
  takes: (task: ProbeTask) => boolean,
) {
  const audience = audienceOf(hub, request);
  const node = demandNode(hub, audience, request.params.id);
  const days = demandDays(audience, request.query.period);
  const curves = await pingCurves(hub, { node, days, now: clock.now(), takes });
  return success(curves.map((curve) => serviceCurve(node, curve)));
}

type History = SharedAnswers<readonly ReturnType<typeof historyStats>[]>;

function historyAnswer(options: V1Options, kept: History, request: FastifyRequest<WithPeriod>) {
  const { hub } = options;
  const audience = audienceOf(hub, request);
  const id = demandId(request.params.id);
  const days = demandDays(audience, request.query.period);
  const task = hub.probes.byId(id);
  const visible = visibleNodes(hub, audience);
  const nodes = visible.filter((node) => task !== undefined && coversNode(task, node.id));
  if (task === undefined || nodes.length === 0) throw new V1Failure("service not found");
  const shown = nodes.slice(0, MAX_NODES);
  // Who is shown is part of the question: a node that was hidden meanwhile is in no kept answer.
  const question = [id, days, ...shown.map((node) => node.id)].join();
  return kept
    .get(question, () => readHistory(options, { nodes: shown, days, id }))
    .then((servers) =>
      success({ service_id: id, ...compact({ service_name: task.name }), servers }),
    );
}

async function readHistory(
  { hub, clock }: V1Options,
  query: { readonly nodes: readonly NodeRecord[]; readonly days: number; readonly id: number },
) {
  const { nodes, days, id } = query;
  const servers: ReturnType<typeof historyStats>[] = [];
  const takes = (one: ProbeTask): boolean => one.id === id;
  for (const node of nodes) {
    const [curve] = await pingCurves(hub, { node, days, now: clock.now(), takes });
    if (curve !== undefined) servers.push(historyStats(node, curve.points));
  }
  return servers;
}

async function metricAnswer({ hub, clock }: V1Options, request: FastifyRequest<WithPeriod>) {
  const audience = audienceOf(hub, request);
  const node = demandNode(hub, audience, request.params.id);
  const { metric = "", period } = request.query;
  const pick = metricOf(metric);
  if (pick === undefined) throw new V1Failure("invalid metric name");
  const days = demandDays(audience, period);
  const to = clock.now();
  const range = { node: node.id, from: to - days * DAY_MS, to, stepMs: 60_000, maxPoints: 1500 };
  const { points } = await hub.series.load(range);
  const named = compact({ server_name: node.name });
  return success({ server_id: node.id, ...named, metric, data_points: pick(points) });
}

/** Declares the routes. */
export function serviceRoutes(app: FastifyInstance, options: V1Options): void {
  const kept: History = new SharedAnswers(options.clock, { keepMs: HISTORY_MS, most: 32 });
  boardRoutes(app, options);
  // Up to v1.14 the id is that of a server.
  app.get<WithPeriod>("/api/v1/service/:id", { config: { access: "guest" } }, (request) =>
    curvesAnswer(options, request, isCurve),
  );
  app.get<WithPeriod>("/api/v1/server/:id/service", { config: { access: "guest" } }, (request) =>
    curvesAnswer(options, request, () => true),
  );
  app.get<WithPeriod>("/api/v1/service/:id/history", { config: { access: "guest" } }, (request) =>
    historyAnswer(options, kept, request),
  );
  app.get<WithPeriod>("/api/v1/server/:id/metrics", { config: { access: "guest" } }, (request) =>
    metricAnswer(options, request),
  );
}
