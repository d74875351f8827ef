/** What listeners of gRPC share: the library has no words for its connections. */
import { EventEmitter } from "node:events";
import type { ServerHttp2Session } from "node:http2";
import { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import type { Store } from "../core/store.ts";
import { keepCertificate } from "./node-server.ts";
import type { TlsMaterial } from "./node-server.ts";

/** `192.0.2.1:4711`, `2001:db8::1:4711` or `[2001:db8::1]:4711` without the port. */
export function addressOfPeer(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

export interface FollowOptions {
  /** Shown to new connections from now on. */
  readonly tls?: Store<TlsMaterial> | undefined;
  /** More are turned away. */
  readonly maxConnections?: number;
  readonly onConnection?: (socket: Socket) => void;
  /** HTTP/2 begins on a connection. */
  readonly onSession?: (session: ServerHttp2Session) => void;
}

function isSession(value: unknown): value is ServerHttp2Session {
  return value instanceof EventEmitter && "ping" in value;
}

/**
 * Follows the connections of a server of the gRPC library that listens; the result cuts them. The library ends only
 * those that speak HTTP/2, and waits for their clients: others would hold this process when it is to stop.
 */
export function followConnections(server: object, options: FollowOptions = {}): () => void {
  const { tls, maxConnections, onConnection, onSession } = options;
  const open = new Set<Socket>();
  const listeners: unknown = Reflect.get(server, "http2Servers");
  for (const listener of listeners instanceof Map ? listeners.keys() : []) {
    if (!(listener instanceof EventEmitter)) continue;
    if (tls !== undefined && listener instanceof TlsServer) keepCertificate(listener, tls);
    if (maxConnections !== undefined) Reflect.set(listener, "maxConnections", maxConnections);
    listener.on("session", (session: unknown) => {
      if (isSession(session)) onSession?.(session);
    });
    listener.on("connection", (socket: unknown) => {
      if (!(socket instanceof Socket)) return;
      open.add(socket);
      onConnection?.(socket);
      socket.once("close", () => {
        open.delete(socket);
      });
    });
  }
  return () => {
    for (const socket of open) socket.destroy();
  };
}
