/** REST routes as bindings of calls, with the parameters from path, query and body (Komari 2.3, 2.4). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ValidationError } from "../../core/errors.ts";
import type { Hub } from "../../hub/hub.ts";
import { demandAccess } from "./calls/call.ts";
import type { CallTable, Caller, Params } from "./calls/call.ts";
import { codeOf, isTree } from "./calls/params.ts";
import { envelope, flat, raw } from "./wire.ts";

const JSON_TYPE = "application/json; charset=utf-8";

const WRITERS = { envelope, flat, raw } as const;

export interface RestRoute {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly call: string;
  /** Default: the envelope. */
  readonly form?: keyof typeof WRITERS;
}

const CODE_HEADERS = ["x-2fa-code", "x-two-factor-code"] as const;

export function callerOf({ principal, ip, headers, query }: FastifyRequest): Caller {
  const sent = CODE_HEADERS.map((name) => headers[name]).find((value) => value !== undefined);
  const code = typeof sent === "string" ? sent : codeOf(isTree(query) ? query : {});
  return { principal, address: ip, code };
}

/** The body as it is meant, whatever it is labeled; undefined when there is none. Throws `ValidationError`. */
export function parseBody(body: unknown): unknown {
  if (typeof body !== "string" || body.trim() === "") return undefined;
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ValidationError("Invalid or missing request body", { cause: error });
  }
}

function paramsOf(request: FastifyRequest): Params {
  const body = parseBody(request.body);
  return {
    ...(isTree(body) ? body : {}),
    ...(Array.isArray(body) ? { items: body } : {}),
    ...(isTree(request.query) ? request.query : {}),
    ...(isTree(request.params) ? request.params : {}),
  };
}

/** Bodies arrive as text in this scope: clients label them as they like. */
export function acceptTextBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("*", { parseAs: "string" }, (_request, body, done) => {
    done(null, body);
  });
}

/** Declares the routes; every call has to exist. */
export function restRoutes(
  app: FastifyInstance,
  routes: readonly RestRoute[],
  { calls, hub }: { readonly calls: CallTable; readonly hub: Hub },
): void {
  for (const { method, url, call: name, form = "envelope" } of routes) {
    const call = calls[name];
    if (call === undefined) throw new Error(`Route ${url}: there is no call ${name}`);
    const write = WRITERS[form];
    app.route({
      method,
      url,
      config: { access: call.access },
      handler: async (request, reply) => {
        const caller = callerOf(request);
        demandAccess(call, caller, hub);
        const data = await call.run(paramsOf(request), caller);
        return reply.header("Cache-Control", "no-store").type(JSON_TYPE).send(write(data));
      },
    });
  }
}
