/**
 * The node's REST side: HTTP/1.1, protobuf bodies in both directions, also for GET, plain text for failures
 * (PasarGuard node 1.3 to 1.6 and 2.2). Errors are not JSON and the log is not framed as server-sent events, because
 * the clients expect neither.
 */
import type { IncomingMessage } from "node:http";
import Fastify, { LogController } from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import { fastifyLog } from "../../http/fastify-log.ts";
import { createNoAlpnServer } from "../../http/no-alpn-server.ts";
import type { TlsMaterial } from "../../http/node-server.ts";
import { ChunkFrames, ChunkSet } from "../../protocol/pasarguard/chunks.ts";
import { User } from "../../protocol/pasarguard/messages.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import { bodyChunks, readBody } from "./body.ts";
import { UNARY_CALLS } from "./calls.ts";
import type { Answer, UnaryCall } from "./calls.ts";
import type { KeyCheck } from "./key-check.ts";
import { sendLog } from "./log-stream.ts";
import { UNEXPECTED, wireErrorOf } from "./wire-error.ts";

export interface RestOptions {
  readonly proxy: Proxy;
  readonly keys: KeyCheck;
  readonly tls: Store<TlsMaterial>;
  readonly clock: Clock;
  readonly log: Logger;
}

const MAX_CONNECTIONS = 128;
const LATE_BODY_MS = 5000;
const STATS_PREFIX = "/stats";

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function sendText(reply: FastifyReply, status: number, text: string): void {
  void reply
    .code(status)
    .header("X-Content-Type-Options", "nosniff")
    .type("text/plain; charset=utf-8")
    .send(`${text}\n`);
}

/** Tells when the client went away before it had the whole answer. */
function onLost(reply: FastifyReply, lost: () => void): void {
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) lost();
  });
}

function isStatsPath(path: string): boolean {
  return path === STATS_PREFIX || path.startsWith(`${STATS_PREFIX}/`);
}

/** A body that goes on after its answer, perhaps of somebody without a key, does not hold the connection for long. */
function endBody(body: IncomingMessage, clock: Clock): void {
  const { socket } = body;
  // Of a connection that is gone nothing follows.
  if (socket.destroyed) return;
  const cancel = clock.setTimer(LATE_BODY_MS, () => {
    body.destroy();
  });
  const release = (): void => {
    cancel();
    socket.off("close", release);
  };
  body.once("end", release).once("close", release).resume();
  // A request that is answered is not told any more when its connection ends.
  socket.once("close", release);
}

const pathOf = (request: FastifyRequest): string => request.url.split("?")[0] ?? "";

/** Every request: key first, then whether there is a core, then the route, if it exists. */
function installChecks(app: FastifyInstance, { proxy, keys, clock }: RestOptions): void {
  const needsCore = new Set(
    UNARY_CALLS.filter((call) => call.needsCore).flatMap((call) => call.paths),
  );
  for (const path of ["/logs", "/user/sync", "/users/sync/chunked"]) needsCore.add(path);
  app.addHook("onRequest", (request, _reply, done) => {
    const offered = {
      apiKey: headerOf(request, "x-api-key"),
      authorization: request.headers.authorization,
    };
    // The type of a body is never looked at.
    delete request.raw.headers["content-type"];
    try {
      keys.check(offered, request.ip);
      const path = pathOf(request);
      const isRouted = request.routeOptions.url !== undefined;
      if (isStatsPath(path) || (isRouted && needsCore.has(path))) proxy.demandCore();
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
  app.addHook("onResponse", (request, reply, done) => {
    if (reply.statusCode < 300) proxy.noteSuccess();
    if (!request.raw.complete) endBody(request.raw, clock);
    done();
  });
}

function installErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const wire = wireErrorOf(error);
    if (wire === undefined) {
      log.error({ err: error, url: request.url }, "Request of the panel failed unexpectedly");
    } else if (error instanceof AppError && error.kind !== "unauthenticated") {
      log.debug({ err: error, url: request.url }, "Request of the panel failed");
    }
    const { httpStatus, text } = wire ?? UNEXPECTED;
    sendText(reply, httpStatus, text);
  });
  app.setNotFoundHandler((request, reply) => {
    const methods = allowedMethods(pathOf(request));
    if (methods.length === 0) sendText(reply, 404, "404 page not found");
    else void reply.code(405).header("Allow", methods.join(", ")).send();
  });
}

const OTHER_ROUTES: readonly (readonly [path: string, method: string])[] = [
  ["/logs", "GET"],
  ["/user/sync", "PUT"],
  ["/users/sync/chunked", "PUT"],
];

function allowedMethods(path: string): readonly string[] {
  const unary = UNARY_CALLS.filter((call) => call.paths.includes(path)).map((call) => call.method);
  return [
    ...unary,
    ...OTHER_ROUTES.filter(([known]) => known === path).map(([, method]) => method),
  ];
}

function sendMessage(reply: FastifyReply, { bytes, takeBack }: Answer): void {
  if (takeBack !== undefined) onLost(reply, takeBack);
  if (reply.raw.destroyed) takeBack?.();
  void reply.type("application/x-protobuf").send(Buffer.from(bytes));
}

function installUnary(app: FastifyInstance, call: UnaryCall, { proxy, clock }: RestOptions): void {
  for (const url of call.paths) {
    app.route({
      method: call.method,
      url,
      handler: async (request, reply) => {
        const gone = new AbortController();
        onLost(reply, () => {
          gone.abort();
        });
        const body = await readBody(request.body, clock);
        sendMessage(reply, await call.run(body, { proxy, signal: gone.signal }));
        return reply;
      },
    });
  }
}

/** Reads up to the chunk marked as the last; whatever follows is not waited for. */
async function collectUsers(body: unknown, clock: Clock): Promise<readonly User[]> {
  const frames = new ChunkFrames();
  const chunks = new ChunkSet();
  for await (const bytes of bodyChunks(body, clock)) {
    for (const chunk of frames.push(bytes)) chunks.add(chunk);
    if (chunks.isComplete) return chunks.users();
  }
  frames.finish();
  return chunks.users();
}

function installSync(app: FastifyInstance, { proxy, clock }: RestOptions): void {
  app.put("/user/sync", async (request, reply) => {
    const user = User.decode(await readBody(request.body, clock));
    if (user.email === "") {
      sendText(reply, 400, "email is required");
      return reply;
    }
    await proxy.syncUser(user);
    sendMessage(reply, { bytes: new Uint8Array(0) });
    return reply;
  });
  app.put("/users/sync/chunked", async (request, reply) => {
    await proxy.mergeUsers(await collectUsers(request.body, clock));
    sendMessage(reply, { bytes: new Uint8Array(0) });
    return reply;
  });
}

function installLog(app: FastifyInstance, { proxy, log }: RestOptions): void {
  app.get("/logs", (_request, reply) => {
    const lines = proxy.log;
    reply.hijack();
    sendLog(reply.raw, lines).then(
      () => {
        proxy.noteSuccess();
      },
      (error: unknown) => {
        log.debug({ err: error }, "A reader of the core's log went away");
      },
    );
  });
}

/** Builds the server; nothing listens yet. */
export function createRestServer(options: RestOptions): FastifyInstance {
  const { log, tls } = options;
  const app = Fastify({
    loggerInstance: fastifyLog(log),
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    serverFactory: (handler) => createNoAlpnServer(handler, tls, MAX_CONNECTIONS),
  });
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  // Handlers read bodies themselves: their sizes differ by five orders of magnitude.
  app.addContentTypeParser("*", (_request, payload, done) => {
    done(null, payload);
  });
  installChecks(app, options);
  installErrors(app, log);
  for (const call of UNARY_CALLS) installUnary(app, call, options);
  installSync(app, options);
  installLog(app, options);
  return app;
}
