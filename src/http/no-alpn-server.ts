import { createServer } from "node:https";
import type { RequestListener, Server } from "node:http";
import type { Store } from "../core/store.ts";
import { keepCertificate } from "./node-server.ts";
import type { TlsMaterial } from "./node-server.ts";

/** Clients keep idle connections for a quarter of a minute and take a lost race for a failure. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_TIMEOUT_MS = 15_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_HEADERS = 100;

/**
 * HTTP/1.1 over TLS for clients that offer nothing but `h2` in the handshake and then speak HTTP/1.1 all the same:
 * the protocol is left open, where a server of Node.js would end the handshake.
 */
export function createNoAlpnServer(
  handler: RequestListener,
  tls: Store<TlsMaterial>,
  maxConnections: number,
): Server {
  const server = createServer(
    {
      ALPNProtocols: [],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // A chunked upload takes as long as it takes; headers have a deadline of their own.
      requestTimeout: 0,
      maxHeaderSize: 16 * 1024,
      noDelay: true,
    },
    handler,
  );
  keepCertificate(server, tls);
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = maxConnections;
  return server;
}
