import type { FastifyInstance } from "fastify";

/** Answers are data by default; pages set a policy of their own. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
];

const HSTS = ["Strict-Transport-Security", "max-age=31536000"] as const;

/**
 * `strictTransport` is for certificates that browsers accept by themselves: with a self-signed one it would take away
 * the way past the warning.
 */
export function installSecurityHeaders(app: FastifyInstance, strictTransport: boolean): void {
  const headers = strictTransport ? [...HEADERS, HSTS] : HEADERS;
  app.addHook("onRequest", (_request, reply, done) => {
    for (const [name, value] of headers) reply.raw.setHeader(name, value);
    done();
  });
}
