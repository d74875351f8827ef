/** Somebody typed `http://` in front of the TLS port: answer in plain HTTP where to go instead of dropping the line. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";

/** First byte of every TLS connection: a handshake record (RFC 8446 5.1). */
const TLS_HANDSHAKE = 0x16;
/** For the first byte, and for a whole plain exchange. */
const PLAIN_DEADLINE_MS = 10_000;

function redirect({ method, url, headers }: IncomingMessage, response: ServerResponse): void {
  const host = headers.host ?? "";
  response.setHeader("Connection", "close");
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  if ((method === "GET" || method === "HEAD") && /^[A-Za-z0-9.:[\]-]+$/.test(host)) {
    const path = url?.startsWith("/") === true ? url : "/";
    response.writeHead(308, { Location: `https://${host}${path}` });
    response.end("308: This port speaks HTTPS\n");
    return;
  }
  response.writeHead(400);
  response.end("400: This port speaks HTTPS, use https://\n");
}

/** Looks at the first byte of each connection of a TLS server and hands the plain ones to a server that redirects. */
export function redirectPlainRequests(server: Server, limits: ServerOptions, clock: Clock): void {
  const plain = createServer({ ...limits, keepAliveTimeout: 1 }, redirect);
  const acceptTls = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const giveUp = (): void => {
      socket.destroy();
    };
    // Stays on for plain connections: a server that does not listen itself enforces none of its own deadlines.
    const cancel = clock.setTimer(PLAIN_DEADLINE_MS, giveUp);
    socket.once("close", cancel);
    socket.on("error", giveUp);
    socket.once("readable", () => {
      const chunk: unknown = socket.read();
      if (!(chunk instanceof Uint8Array)) return;
      socket.unshift(chunk);
      socket.off("error", giveUp);
      if (chunk[0] !== TLS_HANDSHAKE) {
        plain.emit("connection", socket);
        return;
      }
      cancel();
      for (const accept of acceptTls) accept.call(server, socket);
    });
  });
  server.on("close", () => {
    plain.closeAllConnections();
  });
}
