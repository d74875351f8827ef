import type { FastifyInstance } from "fastify";
import type { Config } from "../config/schema.ts";
import { homePageOf } from "./home-page.ts";

export interface SessionRouteOptions {
  readonly config: Pick<Config, "roles" | "device" | "hub">;
  readonly version: string;
}

/**
 * `GET /native/session`: who is signed in, and what this machine is. The pages ask it first, so a visitor whom nobody
 * knows is no error: the answer then has an empty `user` and the roles, which `/health` tells as well.
 */
export function sessionRoute(app: FastifyInstance, { config, version }: SessionRouteOptions): void {
  app.route({
    method: "GET",
    url: "/native/session",
    config: { access: "guest", dialect: "native" },
    handler: ({ principal }, reply) =>
      reply.header("Cache-Control", "no-store").send(
        principal === null
          ? { user: "", roles: config.roles }
          : {
              user: principal.user,
              role: principal.role,
              roles: config.roles,
              home: homePageOf(config),
              version,
            },
      ),
  });
}
