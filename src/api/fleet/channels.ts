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
    async handler(request) {
      const { id } = request.params;
      const outcome = await hub.notify.test(id);
      await record(request, { action: "channel.test", detail: String(id) });
      return outcome;
    },
  });
  app.route<{ Body: ChannelBody }>({
    method: "POST",
    url: "/channels/test",
    schema: { body: ChannelBody },
    config: { access: "admin" },
    async handler(request) {
      const outcome = await hub.notify.tryOut(request.body);
      await record(request, { action: "channel.test", detail: request.body.name });
      return outcome;
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
    async handler(request) {
      const settings = await hub.notify.changeSettings(request.body);
      await record(request, { action: "notify.settings" });
      return settings;
    },
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
      const channel = await hub.notify.add(request.body);
      await record(request, { action: "channel.add", detail: channel.name });
      return reply.code(201).send(channel);
    },
  });
  app.route<{ Params: IdParams; Body: ChannelBody }>({
    method: "PUT",
    url: "/channels/:id",
    schema: { params: IdParams, body: ChannelBody },
    config: { access: "admin" },
    async handler(request) {
      const channel = await hub.notify.replace(request.params.id, request.body);
      await record(request, { action: "channel.edit", detail: channel.name });
      return channel;
    },
  });
  app.route<{ Params: IdParams }>({
    method: "DELETE",
    url: "/channels/:id",
    schema: { params: IdParams },
    config: { access: "admin" },
    async handler(request, reply) {
      const { id } = request.params;
      await hub.notify.remove(id);
      await record(request, { action: "channel.remove", detail: String(id) });
      return reply.code(204).send();
    },
  });
  testRoutes(app, options);
  settingsRoutes(app, options);
}
