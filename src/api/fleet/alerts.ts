/** What happened, what is raised now, and the rules for it. */
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Hub } from "../../hub/hub.ts";
import { AlertPreviewBody, AlertRuleBody } from "../../protocol/fleet/alerts.ts";
import type { FleetEvents } from "../../protocol/fleet/events.ts";
import { IdParams } from "./probe-tasks.ts";
import type { AdminRoutesOptions } from "./probe-tasks.ts";
import { nodeFor } from "./viewer.ts";

const EventsQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  node: Type.Optional(Type.Integer({ minimum: 1 })),
});
type EventsQuery = Type.Static<typeof EventsQuery>;

async function eventsOf(hub: Hub, query: EventsQuery): Promise<FleetEvents> {
  const events = await hub.events.list(query);
  const isMore = events.length >= query.limit;
  return { events, before: isMore ? (events.at(-1)?.id ?? null) : null };
}

function eventRoutes(app: FastifyInstance, hub: Hub): void {
  app.route<{ Querystring: EventsQuery }>({
    method: "GET",
    url: "/events",
    schema: { querystring: EventsQuery },
    config: { access: "viewer" },
    handler: ({ query }) => eventsOf(hub, query),
  });
  app.route<{ Params: { uuid: string }; Querystring: EventsQuery }>({
    method: "GET",
    url: "/nodes/:uuid/events",
    schema: { querystring: EventsQuery },
    config: { access: "viewer" },
    handler: (request) => {
      const { id } = nodeFor(hub, request, request.params.uuid);
      return eventsOf(hub, { ...request.query, node: id });
    },
  });
  app.route({
    method: "GET",
    url: "/alerts",
    config: { access: "viewer" },
    handler: (_request, reply) => reply.send(hub.alerts.active()),
  });
}

export function alertRoutes(app: FastifyInstance, { hub, record }: AdminRoutesOptions): void {
  eventRoutes(app, hub);
  app.route({
    method: "GET",
    url: "/alert-rules",
    config: { access: "viewer" },
    handler: (_request, reply) => reply.send(hub.alerts.rules),
  });
  app.route<{ Body: AlertRuleBody }>({
    method: "POST",
    url: "/alert-rules",
    schema: { body: AlertRuleBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const act = { action: "alert.add", detail: request.body.name };
      const rule = await record(request, act, () => hub.alerts.add(request.body));
      return reply.code(201).send(rule);
    },
  });
  app.route<{ Params: IdParams; Body: AlertRuleBody }>({
    method: "PUT",
    url: "/alert-rules/:id",
    schema: { params: IdParams, body: AlertRuleBody },
    config: { access: "admin" },
    handler(request) {
      const { params, body } = request;
      const act = { action: "alert.edit", detail: body.name };
      return record(request, act, () => hub.alerts.replace(params.id, body));
    },
  });
  app.route<{ Params: IdParams }>({
    method: "DELETE",
    url: "/alert-rules/:id",
    schema: { params: IdParams },
    config: { access: "admin" },
    async handler(request, reply) {
      const { id } = request.params;
      const act = { action: "alert.remove", detail: String(id) };
      await record(request, act, () => hub.alerts.remove(id));
      return reply.code(204).send();
    },
  });
  app.route<{ Body: AlertPreviewBody }>({
    method: "POST",
    url: "/alert-rules/preview",
    schema: { body: AlertPreviewBody },
    config: { access: "admin" },
    handler: ({ body }) => hub.alerts.preview(body.rule, body.hours),
  });
}
