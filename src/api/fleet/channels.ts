/** Where messages go. Secrets are taken and never told. */
import type { FastifyInstance } from "fastify";
import { ChannelBody, NotificationSettings } from "../../protocol/fleet/channels.ts";
import { IdParams } from "./probe-tasks.ts";
import type { AdminRoutesOptions } from "./probe-tasks.ts";

function testRoutes(app: FastifyInstance, { hub, record }: AdminRoutesOptions): void {
  app.route<{ Params: IdParams }>({
    method: "POST",
    url: "/channels/:id/test",
    schema: { params: IdParams },
    config: { access: "admin" },
    handler(request) {
      const { id } = request.params;
      const act = { action: "channel.test", detail: String(id) };
      return record(request, act, () => hub.notify.test(id));
    },
  });
  app.route<{ Body: ChannelBody }>({
    method: "POST",
    url: "/channels/test",
    schema: { body: ChannelBody },
    config: { access: "admin" },
    handler(request) {
      const act = { action: "channel.test", detail: request.body.name };
      return record(request, act, () => hub.notify.tryOut(request.body));
    },
  });
}

function settingsRoutes(app: FastifyInstance, { hub, record }: AdminRoutesOptions): void {
  app.route({
    method: "GET",
    url: "/notification-settings",
    config: { access: "admin" },
    handler: (_request, reply) => reply.send(hub.notify.settings),
  });
  app.route<{ Body: NotificationSettings }>({
    method: "PUT",
    url: "/notification-settings",
    schema: { body: NotificationSettings },
    config: { access: "admin" },
    handler: (request) =>
      record(request, { action: "notify.settings" }, () => hub.notify.changeSettings(request.body)),
  });
}

export function channelRoutes(app: FastifyInstance, options: AdminRoutesOptions): void {
  const { hub, record } = options;
  app.route({
    method: "GET",
    url: "/channels",
    config: { access: "admin" },
    handler: (_request, reply) => reply.send(hub.notify.channels()),
  });
  app.route<{ Body: ChannelBody }>({
    method: "POST",
    url: "/channels",
    schema: { body: ChannelBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const act = { action: "channel.add", detail: request.body.name };
      const channel = await record(request, act, () => hub.notify.add(request.body));
      return reply.code(201).send(channel);
    },
  });
  app.route<{ Params: IdParams; Body: ChannelBody }>({
    method: "PUT",
    url: "/channels/:id",
    schema: { params: IdParams, body: ChannelBody },
    config: { access: "admin" },
    handler(request) {
      const { params, body } = request;
      const act = { action: "channel.edit", detail: body.name };
      return record(request, act, () => hub.notify.replace(params.id, body));
    },
  });
  app.route<{ Params: IdParams }>({
    method: "DELETE",
    url: "/channels/:id",
    schema: { params: IdParams },
    config: { access: "admin" },
    async handler(request, reply) {
      const { id } = request.params;
      const act = { action: "channel.remove", detail: String(id) };
      await record(request, act, () => hub.notify.remove(id));
      return reply.code(204).send();
    },
  });
  testRoutes(app, options);
  settingsRoutes(app, options);
}
