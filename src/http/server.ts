import Fastify, { LogController } from "fastify";
import type { FastifyInstance } from "fastify";
import type { HttpConfig } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { ValidationError, describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Store } from "../core/store.ts";
import { installBodyParsers } from "./body.ts";
import { installRootErrors } from "./errors.ts";
import { fastifyLog } from "./fastify-log.ts";
import { loggedUrl } from "./logged-url.ts";
import { createNodeServer } from "./node-server.ts";
import type { NodeServer, TlsMaterial } from "./node-server.ts";
import { parseQuery } from "./query.ts";
import { installSecurityHeaders } from "./security-headers.ts";
import { installValidation, noCompilers } from "./validation.ts";

const BODY_LIMIT = 1024 * 1024;
/** For a board; a hub asks for more. */
const MAX_CONNECTIONS = 512;
/** How often a full server says that it is. */
const FULL_LOG_EVERY_MS = 60_000;
/** How long requests in flight may take when the server closes. */
const DRAIN_MS = 3000;

export interface HttpServerOptions {
  readonly config: HttpConfig;
  readonly log: Logger;
  /** Undefined: plain HTTP. */
  readonly tls?: Store<TlsMaterial> | undefined;
  readonly clock?: Clock;
  readonly maxConnections?: number;
}

function createInstance(
  options: HttpServerOptions,
  clock: Clock,
): {
  readonly app: FastifyInstance;
  readonly destroyConnections: () => void;
} {
  const { config, log, tls, maxConnections = MAX_CONNECTIONS } = options;
  let node: NodeServer | undefined;
  const trusted = [...config.trustedProxies];
  try {
    const app = Fastify({
      loggerInstance: fastifyLog(log),
      childLoggerFactory: (logger) => logger,
      logController: new LogController({ disableRequestLogging: true }),
      trustProxy: trusted.length > 0 ? trusted : false,
      bodyLimit: BODY_LIMIT,
      exposeHeadRoutes: false,
      schemaController: noCompilers,
      serverFactory: (handler) => {
        node = createNodeServer(handler, { tls, maxConnections, clock });
        return node.server;
      },
      routerOptions: {
        ignoreTrailingSlash: true,
        ignoreDuplicateSlashes: true,
        maxParamLength: 255,
        querystringParser: parseQuery,
      },
    });
    return { app, destroyConnections: () => node?.destroyConnections() };
  } catch (error) {
    const reason = describeError(error);
    throw new ValidationError(`http.trustedProxies: ${reason}`, { cause: error });
  }
}

function logRequests(app: FastifyInstance, log: Logger): void {
  app.addHook("onResponse", (request, reply, done) => {
    if (log.isLevelEnabled("debug")) {
      const { method } = request;
      const url = loggedUrl(request.url);
      log.debug({ method, url, status: reply.statusCode, ms: reply.elapsedTime }, "Request");
    }
    done();
  });
}

/** Who is turned away cannot be told why, so the log tells. */
function logWhenFull(app: FastifyInstance, log: Logger, clock: Clock): void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  app.server.on("drop", () => {
    const now = clock.monotonic();
    if (now < quietUntil) return;
    quietUntil = now + FULL_LOG_EVERY_MS;
    const { maxConnections } = app.server;
    log.warn({ maxConnections }, "Too many connections are open, new ones are turned away");
  });
}

/**
 * The HTTP server before any route: limits, parsers, validation, security headers, and answers to what no route
 * answers. Register `webSockets` and `authGuard` next and routes last. Throws `ValidationError` for trusted proxies
 * that are not addresses.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { config, log, clock = systemClock } = options;
  const { app, destroyConnections } = createInstance(options, clock);
  installRootErrors(app, log);
  installBodyParsers(app, clock);
  installValidation(app);
  installSecurityHeaders(app, config.tls.mode === "files");
  logRequests(app, log);
  logWhenFull(app, log, clock);
  app.addHook("preClose", (done) => {
    // A server that could not listen never says that it has closed.
    if (app.server.listening) {
      app.server.once("close", clock.setTimer(DRAIN_MS, destroyConnections));
    }
    done();
  });
  return app;
}
