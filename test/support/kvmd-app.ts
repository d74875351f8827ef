import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { installKvmdErrors } from "../../src/api/kvmd/errors.ts";
import type { Access } from "../../src/http/auth/principal.ts";

export interface RouteCall {
  readonly status: number;
  readonly type: string | undefined;
  readonly json: unknown;
}

/** Routes of one resource under `/api`, with the dialect's errors and a signed-in operator. */
export interface KvmdApp {
  call(method: "GET" | "POST", path: string): Promise<RouteCall>;
  /** What each route demands, by `METHOD url`. */
  readonly accesses: ReadonlyMap<string, Access | undefined>;
}

export function kvmdApp(mount: (app: FastifyInstance) => void): KvmdApp {
  const app = Fastify();
  const accesses = new Map<string, Access | undefined>();
  app.decorateRequest("principal", null);
  app.addHook("onRequest", async (request) => {
    request.principal = {
      user: "olga",
      role: "operator",
      via: "header",
      revoked: new AbortController().signal,
    };
    await Promise.resolve();
  });
  app.addHook("onRoute", (route) => {
    if (route.method === "HEAD") return;
    accesses.set(`${String(route.method)} ${route.url}`, route.config?.access);
  });
  void app.register(
    (api, _options, done) => {
      installKvmdErrors(api);
      mount(api);
      done();
    },
    { prefix: "/api" },
  );
  return {
    accesses,
    async call(method, path) {
      const { statusCode, headers, body } = await app.inject({ method, url: `/api${path}` });
      return {
        status: statusCode,
        type: headers["content-type"]?.toString(),
        json: JSON.parse(body),
      };
    },
  };
}
