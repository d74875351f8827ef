import { createServer as createPlainServer } from "node:http";
import type { RequestListener, Server, ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Server as TlsServer } from "node:tls";
import type { Clock } from "../core/clock.ts";
import type { Store } from "../core/store.ts";
import { redirectPlainRequests } from "./plain-on-tls.ts";

export interface TlsMaterial {
  /** PEM, leaf first. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

export interface NodeServerOptions {
  readonly tls?: Store<TlsMaterial> | undefined;
  readonly maxConnections: number;
  readonly clock: Clock;
}

/** `requestTimeout` stays off: it would cut hour-long uploads. Headers and ordinary bodies have deadlines of their own. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5000,
  noDelay: true,
};
const MAX_HEADERS = 100;
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface NodeServer {
  readonly server: Server;
  /** Drops every connection, also those that Node does not count as HTTP: in the TLS handshake, silent, upgraded. */
  destroyConnections(): void;
}

function trackConnections(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
    });
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

/** Gives a server the certificate, and each later one for new connections, until it closes. */
export function keepCertificate(server: TlsServer, tls: Store<TlsMaterial>): void {
  const present = (material: TlsMaterial): void => {
    server.setSecureContext({ ...material, minVersion: "TLSv1.2" });
  };
  present(tls.value);
  server.once("close", tls.subscribe(present));
}

function createEncrypted(handler: RequestListener, tls: Store<TlsMaterial>): Server {
  const server = createTlsServer({ ...LIMITS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }, handler);
  keepCertificate(server, tls);
  return server;
}

/** The listening half of Fastify: plain or TLS 1.2 and newer, with limits that fit a board with 512 MB. */
export function createNodeServer(
  handler: RequestListener,
  { tls, maxConnections, clock }: NodeServerOptions,
): NodeServer {
  const server =
    tls === undefined ? createPlainServer(LIMITS, handler) : createEncrypted(handler, tls);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = maxConnections;
  if (tls !== undefined) redirectPlainRequests(server, LIMITS, clock);
  return { server, destroyConnections: trackConnections(server) };
}
