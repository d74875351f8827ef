/** What listeners of gRPC share: the library has no words for its connections. */
import { EventEmitter } from "node:events";

interface Destroyable extends EventEmitter {
  destroy(): void;
}

function isDestroyable(value: unknown): value is Destroyable {
  return value instanceof EventEmitter && "destroy" in value;
}

/** `192.0.2.1:4711`, `2001:db8::1:4711` or `[2001:db8::1]:4711` without the port. */
export function addressOfPeer(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

/**
 * Follows the connections of a server of the gRPC library that listens; the result cuts them. The library ends only
 * those that speak HTTP/2, and waits for their clients: others would hold this process when it is to stop. With
 * `maxConnections` more are turned away.
 */
export function followConnections(server: object, maxConnections?: number): () => void {
  const open = new Set<Destroyable>();
  const listeners: unknown = Reflect.get(server, "http2Servers");
  for (const listener of listeners instanceof Map ? listeners.keys() : []) {
    if (!(listener instanceof EventEmitter)) continue;
    if (maxConnections !== undefined) Reflect.set(listener, "maxConnections", maxConnections);
    listener.on("connection", (socket: unknown) => {
      if (!isDestroyable(socket)) return;
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
      });
    });
  }
  return () => {
    for (const socket of open) socket.destroy();
  };
}
