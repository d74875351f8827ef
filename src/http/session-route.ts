import type { FastifyInstance } from "fastify";
import type { Config } from "../config/schema.ts";
import { homePageOf } from "./home-page.ts";

export interface SessionRouteOptions {
  readonly config: Pick<Config, "roles" | "device" | "hub">;
  readonly version: string;
  /** Which build of the pages a visitor would be sent; empty where there are none. */
  readonly build: string;
}

/**
 * `GET /native/session`: who is signed in, and what this machine is. The pages ask it first, so a visitor whom nobody
 * knows is no error: the answer then has an empty `user`, the roles, which `/health` tells as well, and the build,
 * which the pages tell: one that was opened before an update learns so that it is not the one that would be sent now.
 */
export function sessionRoute(
  app: FastifyInstance,
  { config, version, build }: SessionRouteOptions,
): void {
  app.route({
    method: "GET",
    url: "/native/session",
    config: { access: "guest", dialect: "native" },
    handler({ principal }, reply) {
      void reply.header("Cache-Control", "no-store");
      const { roles } = config;
      if (principal === null) return reply.send({ user: "", roles, build });
      const { user, role } = principal;
      return reply.send({ user, role, roles, home: homePageOf(config), version, build });
    },
  });
}
