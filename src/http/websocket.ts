import websocketPlugin from "@fastify/websocket";
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import type { HttpConfig } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { Auth } from "./auth/auth.ts";
import { Heartbeat } from "./heartbeat.ts";
import { loggedUrl } from "./logged-url.ts";
import { OriginPolicy } from "./origin.ts";

export interface WebSocketsOptions {
  readonly config: HttpConfig;
  /** Open sockets keep a login session alive where that is configured. */
  readonly auth: Pick<Auth, "hold">;
  readonly clock: Clock;
  readonly log: Logger;
}

const MAX_PAYLOAD = 4 * 1024 * 1024;
/** RFC 6455 7.4.1: the endpoint goes away. */
const GOING_AWAY = 1001;
/** Ours: the account behind the socket was changed or signed out. */
export const REVOKED = 4401;
/** How long clients may take to say goodbye. */
const GOODBYE_MS = 1000;

/** Drops a peer that has been told goodbye and does not answer in time. */
function dropLater(socket: WebSocket, clock: Clock): void {
  const cancel = clock.setTimer(GOODBYE_MS, () => {
    socket.terminate();
  });
  socket.once("close", cancel);
}

/** Closes; a peer that does not answer is dropped a second later. */
function closeSoon(socket: WebSocket, clock: Clock, code: number, reason: string): void {
  socket.close(code, reason);
  dropLater(socket, clock);
}

/** Sends everybody away and resolves when they are gone, a second later at most. */
function closeAll(sockets: ReadonlySet<WebSocket>, clock: Clock): Promise<void> {
  const goodbyes = [...sockets].map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.once("close", () => {
          resolve();
        });
        closeSoon(socket, clock, GOING_AWAY, "server is going away");
      }),
  );
  return Promise.all(goodbyes).then(() => undefined);
}

/** Ties a socket to its principal: revoking closes it, and it holds its session while open. */
function bind(socket: WebSocket, request: FastifyRequest, options: WebSocketsOptions): void {
  const { principal } = request;
  if (principal === null) return;
  const onRevoked = (): void => {
    closeSoon(socket, options.clock, REVOKED, "signed out");
  };
  const release = options.auth.hold(principal);
  socket.once("close", () => {
    release();
    principal.revoked.removeEventListener("abort", onRevoked);
  });
  if (principal.revoked.aborted) onRevoked();
  else principal.revoked.addEventListener("abort", onRevoked, { once: true });
}

function installUpgradeHooks(app: FastifyInstance, options: WebSocketsOptions): void {
  const origins = new OriginPolicy(options.config.allowedOrigins);
  const heartbeat = new Heartbeat(options.clock, options.log);
  const upgrading = new WeakMap<IncomingMessage, FastifyRequest>();
  app.addHook("onRequest", (request, _reply, done) => {
    if (!request.ws) {
      done();
      return;
    }
    upgrading.set(request.raw, request);
    try {
      origins.check(request);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
  app.websocketServer.on("connection", (socket: WebSocket, raw: IncomingMessage) => {
    heartbeat.add(socket);
    const request = upgrading.get(raw);
    if (request !== undefined) bind(socket, request, options);
  });
}

/**
 * WebSocket routes (`websocket: true`) with limits, heartbeats, the Origin check, a proper goodbye on shutdown, and
 * sockets that close when their principal is revoked. Register on the root, before `authGuard`.
 */
async function install(app: FastifyInstance, options: WebSocketsOptions): Promise<void> {
  await app.register(websocketPlugin, {
    options: { maxPayload: MAX_PAYLOAD, perMessageDeflate: false },
    errorHandler: (error, socket, request) => {
      options.log.debug({ err: error, url: loggedUrl(request.url) }, "WebSocket failed");
      // Told why, as after a frame that is too large: a connection that is reset would take the reason with it.
      if (socket.readyState === socket.CLOSING) dropLater(socket, options.clock);
      else socket.terminate();
    },
    preClose: async () => {
      await closeAll(app.websocketServer.clients, options.clock);
      app.websocketServer.close();
    },
  });
  installUpgradeHooks(app, options);
}

/**
 * WebSocket routes (`websocket: true`) with limits, heartbeats, the Origin check, a proper goodbye on shutdown, and
 * sockets that close when their principal is revoked. Register on the root, before `authGuard`.
 */
export const webSockets: FastifyPluginAsync<WebSocketsOptions> = fastifyPlugin(install, {
  name: "web-sockets",
});
