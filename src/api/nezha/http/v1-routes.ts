/** What clients of dashboards from v1 on read (Nezha facts 3). Managing is done on our own pages. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../../http/dialect.ts";
import { LiveFeed } from "./live-feed.ts";
import { inDisplayOrder, parseId, visibleNodes } from "./node-figures.ts";
import { audienceOf, sendV1Error, success } from "./v1-answer.ts";
import type { V1Options } from "./v1-options.ts";
import { serviceRoutes } from "./v1-service-routes.ts";
import { sessionRoutes } from "./v1-session.ts";
import { terminalRoutes } from "./v1-terminal.ts";
import { groupObjects, serverObject, streamServer } from "./v1-view.ts";

function serverRoutes(app: FastifyInstance, { hub }: V1Options): void {
  app.get<{ Querystring: { readonly id?: string } }>(
    "/api/v1/server",
    { config: { access: "viewer" } },
    ({ query: { id = "" } }) => {
      const all = inDisplayOrder(hub.registry.nodes);
      const wanted = new Set(id.split(",").map(parseId));
      const found = all.filter((node) => wanted.has(node.id));
      // As in the original: ids that lead nowhere ask for nothing in particular.
      const nodes = found.length === 0 ? all : found;
      return success(nodes.map((node) => serverObject(hub, node)));
    },
  );
  app.get("/api/v1/server-group", { config: { access: "guest" } }, (request) => {
    return success(groupObjects(visibleNodes(hub, audienceOf(hub, request))));
  });
}

function settingRoute(app: FastifyInstance, { hub, version }: V1Options): void {
  // Asked for before anybody has signed in, also where guests see nothing else.
  app.get("/api/v1/setting", { config: { access: "guest" } }, ({ principal }) => {
    const isAdmin = principal?.role === "admin";
    return success({
      config: {
        language: "en-US",
        site_name: hub.site.values.siteName,
        ip_change_notification_group_id: 0,
        cover: 0,
      },
      ...(isAdmin ? { version } : {}),
      tsdb_enabled: true,
    });
  });
}

function feedRoute(app: FastifyInstance, { hub, clock }: V1Options): void {
  const feed = new LiveFeed({
    hub,
    clock,
    makeFrame: (viewers) => (audience, isFirst) => {
      const nodes = inDisplayOrder(visibleNodes(hub, audience));
      const servers = nodes.map((node) => streamServer(hub, node, { audience, isFirst }));
      const now = Math.floor(clock.now() / 1000) * 1000;
      return JSON.stringify({ now, online: viewers, ...(servers.length === 0 ? {} : { servers }) });
    },
  });
  const config = { access: "guest" } as const;
  app.get("/api/v1/ws/server", { websocket: true, config }, (socket, request) => {
    feed.add(socket, request);
  });
}

/** Declares the routes, with failures in the form of this API. */
export async function v1Routes(app: FastifyInstance, options: V1Options): Promise<void> {
  speakDialect(app, "nezha");
  await Promise.resolve();
  app.setErrorHandler((error, _request, reply) => {
    if (!sendV1Error(error, reply)) throw error;
  });
  sessionRoutes(app, options);
  serverRoutes(app, options);
  settingRoute(app, options);
  serviceRoutes(app, options);
  feedRoute(app, options);
  terminalRoutes(app, options);
}
