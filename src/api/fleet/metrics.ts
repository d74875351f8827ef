/** `/metrics` for Prometheus: what the hub counts. Names end as Prometheus' conventions want it. */
import type { FastifyInstance } from "fastify";
import { ForbiddenError } from "../../http/auth/errors.ts";
import type { Crowds } from "../../http/crowds.ts";
import type { Hub } from "../../hub/hub.ts";
import type { Audiences } from "./live.ts";

export interface MetricsRoutesOptions {
  readonly hub: Hub;
  readonly audiences: Audiences;
  readonly crowds: Pick<Crowds, "refused">;
}

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly value: number;
}

const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  type: "gauge",
  help,
  value,
});
const counter = (name: string, help: string, value: number): Metric => ({
  name: `${name}_total`,
  type: "counter",
  help,
  value,
});

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

function textOf(metrics: readonly Metric[]): string {
  return metrics
    .map(
      ({ name, type, help, value }) =>
        `# HELP farhand_hub_${name} ${help}\n# TYPE farhand_hub_${name} ${type}\nfarhand_hub_${name} ${value}\n`,
    )
    .join("");
}

function ingestMetrics({ ingest }: Hub): Metric[] {
  const { counters } = ingest;
  return [
    counter("reports", "Reports taken.", counters.reports),
    counter("pings", "Ping results taken.", counters.pings),
    counter("clamped", "Figures outside what is possible.", counters.clamped),
    counter("flooded", "Messages refused by the limits of one agent.", counters.flooded),
    counter("stray_pings", "Results of ping tasks that are not the node's.", counters.strayPings),
    counter("replaced_sessions", "Connections replaced by newer ones.", counters.replacedSessions),
    counter("malformed", "Messages that could not be read.", counters.malformed),
    counter("oversize", "Messages larger than they may be.", counters.oversize),
    counter("unauthorized", "Agents with a token that nobody has.", counters.unauthorized),
    counter("duplicate", "Second machines with the identity of another.", counters.duplicate),
  ];
}

function alertMetrics({ alerts, notify }: Hub): Metric[] {
  const states = notify.channels().map(({ state }) => state);
  const sum = (of: (state: (typeof states)[number]) => number): number =>
    states.reduce((all, state) => all + of(state), 0);
  return [
    gauge("alerts", "Alerts that are raised.", alerts.active().length),
    gauge(
      "messages_waiting",
      "Messages that were not delivered yet.",
      sum(({ waiting }) => waiting),
    ),
    counter(
      "messages_delivered",
      "Messages that were delivered.",
      sum(({ delivered }) => delivered),
    ),
    counter(
      "messages_failed",
      "Messages that were given up.",
      sum(({ failed }) => failed),
    ),
  ];
}

async function collect({ hub, audiences, crowds }: MetricsRoutesOptions): Promise<string> {
  const { storage, nodes, online } = hub.state.value;
  const figures = await hub.storage.figures();
  return textOf([
    gauge("nodes", "Nodes that are known.", nodes),
    gauge("nodes_online", "Nodes that are there.", online),
    gauge("viewers", "Open live sockets.", audiences.size),
    counter("crowded", "Connections cut, as others of their address.", crowds.refused),
    ...ingestMetrics(hub),
    ...alertMetrics(hub),
    gauge(
      "storage_ready",
      "1 while the database can be written.",
      storage.status === "ready" ? 1 : 0,
    ),
    counter("storage_dropped_rows", "Minutes that could not be written.", storage.droppedRows),
    gauge("storage_file_bytes", "Size of the database.", figures.fileBytes),
    gauge("storage_log_bytes", "Size of its write-ahead log.", figures.logBytes),
    gauge("storage_free_bytes", "Room in the file for reuse.", figures.freeBytes),
  ]);
}

export function metricsRoutes(app: FastifyInstance, options: MetricsRoutesOptions): void {
  app.route({
    method: "GET",
    url: "/metrics",
    // A collector's token should be able to do as little as possible.
    config: { access: "viewer" },
    async handler({ principal }, reply) {
      const isAllowed = principal?.via === "token" || principal?.role === "admin";
      if (!isAllowed) throw new ForbiddenError("This needs the role 'admin' or an API token");
      return reply.type(TYPE).send(await collect(options));
    },
  });
}
