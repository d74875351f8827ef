import type { FastifyInstance } from "fastify";

/** A wire contract. Routes of none are pages and what watches over the program. */
export type Dialect = "kvmd" | "redfish" | "komari" | "nezha" | "native" | "fleet";

declare module "fastify" {
  interface FastifyContextConfig {
    dialect?: Dialect;
  }
}

/** Says whose all routes are that are declared in this scope from now on. */
export function speakDialect(app: FastifyInstance, dialect: Dialect): void {
  app.addHook("onRoute", (route) => {
    route.config = { ...route.config, dialect };
  });
}
