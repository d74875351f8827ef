/** The API of dashboards up to v0.20, which most clients still speak (Nezha facts 2). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { speakDialect } from "../../../http/dialect.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Auth } from "../../../http/auth/auth.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { LiveFeed } from "./live-feed.ts";
import { inDisplayOrder, parseId, visibleNodes } from "./node-figures.ts";
import type { Audience } from "./node-figures.ts";
import { pingCurves } from "./ping-curves.ts";
import { registerRoute } from "./v0-register.ts";
import { tokenRoutes } from "./v0-tokens.ts";
import { BAD_ID, NODE_HIDDEN, NO_SUCH_ID, PRIVATE_SITE, sendV0Error } from "./v0-errors.ts";
import { liveServer, monitorCurve, serverDetails, serverInfo } from "./v0-view.ts";

export interface V0Options {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly clock: Clock;
}

interface ServersQuery {
  readonly id?: string;
  readonly tag?: string;
}

const success = <T>(result: T) => ({ code: 0, message: "success", result });

/** Unknown ids are left out, and so is what is no id; a tag counts before them, as in the original's code. */
function selectNodes(hub: Hub, { id = "", tag = "" }: ServersQuery): readonly NodeRecord[] {
  const { registry } = hub;
  if (tag !== "") return registry.nodes.filter((node) => node.group === tag);
  if (id === "") return registry.nodes;
  return id.split(",").flatMap((text) => registry.byId(parseId(text) ?? 0) ?? []);
}

/** The longest list of ids that is looked at. */
const MAX_QUERY = 16_384;

function detailsRoutes(app: FastifyInstance, { hub }: V0Options): void {
  app.get<{ Querystring: ServersQuery }>(
    "/api/v1/server/list",
    { config: { access: "viewer" } },
    ({ query: { tag = "" } }) => {
      const nodes = selectNodes(hub, { tag });
      return success(nodes.map((node) => serverInfo(node, hub.ingest.latest(node.id))));
    },
  );
  app.get<{ Querystring: ServersQuery }>(
    "/api/v1/server/details",
    { config: { access: "viewer" } },
    ({ query: { id = "", tag = "" } }) => {
      const isOfAll = id === "" && tag === "";
      const nodes = selectNodes(hub, { id: id.slice(0, MAX_QUERY), tag });
      return success(nodes.map((node) => serverDetails(hub, node, isOfAll)));
    },
  );
}

function audienceOf({ principal }: FastifyRequest): Audience {
  return principal === null ? "guest" : "member";
}

function monitorRoute(app: FastifyInstance, { hub, clock }: V0Options): void {
  app.get<{ Params: { id: string } }>(
    "/api/v1/monitor/:id",
    { config: { access: "guest" } },
    async (request, reply) => {
      const isGuest = audienceOf(request) === "guest";
      if (isGuest && hub.site.values.isPrivate) return PRIVATE_SITE;
      const id = parseId(request.params.id);
      if (id === undefined) return reply.code(400).send(BAD_ID);
      const node = hub.registry.byId(id);
      if (node === undefined) return reply.code(404).send(NO_SUCH_ID);
      if (node.isHidden && isGuest) return reply.code(403).send(NODE_HIDDEN);
      const takes = ({ type }: { readonly type: string }): boolean => type !== "http";
      const curves = await pingCurves(hub, { node, days: 1, now: clock.now(), takes });
      // The original says null without any row; its clients understand both, some of them only this.
      return success(curves.map((curve) => monitorCurve(node, curve)));
    },
  );
}

function feedRoute(app: FastifyInstance, { hub, clock }: V0Options): void {
  const feed = new LiveFeed({
    hub,
    clock,
    makeFrame: () => (audience) => {
      const nodes = inDisplayOrder(visibleNodes(hub, audience));
      const now = Math.floor(clock.now() / 1000) * 1000;
      const servers = nodes.map((node) => liveServer(hub, node));
      return JSON.stringify({ now, ...(servers.length === 0 ? {} : { servers }) });
    },
  });
  app.get("/ws", { websocket: true, config: { access: "guest" } }, (socket, request) => {
    feed.add(socket, request);
  });
}

/** Declares the routes, with failures in the form of this API. */
export async function v0Routes(app: FastifyInstance, options: V0Options): Promise<void> {
  speakDialect(app, "nezha");
  await Promise.resolve();
  app.setErrorHandler((error, _request, reply) => {
    if (!sendV0Error(error, reply)) throw error;
  });
  detailsRoutes(app, options);
  monitorRoute(app, options);
  feedRoute(app, options);
  registerRoute(app, options.hub);
  tokenRoutes(app, { auth: options.auth, audit: options.hub.audit });
}
