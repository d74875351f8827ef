import type { Server, Socket } from "node:net";

/**
 * Connections of peers that have proven who they are do not use up the room of strangers: as long as this one lasts, one
 * more may come. Whoever calls this limits their number.
 */
export function makeRoomBeside(server: Server, connection: Socket): void {
  // Already gone: its end would not be told any more.
  if (connection.destroyed) return;
  server.maxConnections += 1;
  connection.once("close", () => {
    server.maxConnections -= 1;
  });
}
