import type { FastifyInstance, FastifyRequest } from "fastify";
import { UnauthorizedError } from "../../http/auth/errors.ts";
import type { Hub } from "../../hub/hub.ts";
import { NodeNotFoundError } from "../../hub/registry.ts";
import type { NodeRecord } from "../../hub/registry.ts";
import type { Audience } from "./live-board.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

export function audienceOf({ principal }: FastifyRequest): Audience {
  return principal === null ? "guest" : "member";
}

/** The node of a path, if this viewer may know of it; a hidden one does not exist for guests. */
export function nodeFor(hub: Hub, request: FastifyRequest, uuid: string): NodeRecord {
  const node = hub.registry.byUuid(uuid);
  if (node === undefined || (node.isHidden && request.principal === null)) {
    throw new NodeNotFoundError();
  }
  return node;
}

/** What holds for all routes: nothing is kept by caches, and a private fleet shows guests nothing. */
export function installViewerRules(app: FastifyInstance, hub: Hub): void {
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("Cache-Control", "no-store");
    const isGuest = request.routeOptions.config.access === "guest" && request.principal === null;
    if (isGuest && hub.site.values.isPrivate) done(new UnauthorizedError());
    else done();
  });
}
