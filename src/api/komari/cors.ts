/**
 * Pages of other sites that may read here: those of `http.allowedOrigins`, as guests or with an API token (Komari 2.1).
 * Deliberately different from the original: never with the visitor's own session, whose cookie stays on this site.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpConfig } from "../../config/schema.ts";

const HEADERS = "authorization, content-type, x-2fa-code";
const METHODS = "GET, POST, OPTIONS";
/** Half a day, as the original. */
const MAX_AGE_SECONDS = 43_200;

/** `https://host:port`, however it was written; undefined for no origin. */
function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** Answers for the routes of the scope, and preflights of all of them. Nothing happens without allowed origins. */
export function allowOrigins(
  app: FastifyInstance,
  { allowedOrigins }: Pick<HttpConfig, "allowedOrigins">,
): void {
  const allowed = new Set(allowedOrigins.flatMap((text) => originOf(text) ?? []));
  if (allowed.size === 0) return;
  const mark = ({ headers }: FastifyRequest, reply: FastifyReply): boolean => {
    void reply.header("Vary", "Origin");
    const { origin } = headers;
    if (origin === undefined || !allowed.has(origin)) return false;
    void reply.header("Access-Control-Allow-Origin", origin);
    return true;
  };
  app.addHook("onRequest", (request, reply, done) => {
    mark(request, reply);
    done();
  });
  app.route({
    method: "OPTIONS",
    url: "/api/*",
    config: { access: "public" },
    handler: (request, reply) => {
      if (!mark(request, reply)) return reply.code(403).send();
      return reply
        .code(204)
        .header("Access-Control-Allow-Headers", HEADERS)
        .header("Access-Control-Allow-Methods", METHODS)
        .header("Access-Control-Max-Age", MAX_AGE_SECONDS)
        .send();
    },
  });
}
