// Several WebSocket clients that move the mouse at a fixed rate, in a process of their own.
// Arguments: a JSON object of FloodOptions. Prints "ready" when all are connected; runs until it is ended.
import { WebSocket } from "ws";

export interface FloodOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clients: number;
  readonly movesPerSecond: number;
}

const TICK_MS = 4;

function connect(options: FloodOptions): Promise<WebSocket> {
  const socket = new WebSocket(options.url, { headers: options.headers });
  socket.on("message", () => undefined);
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Sends what is due by the clock, so that a late timer does not lower the rate. */
function move(socket: WebSocket, movesPerSecond: number): void {
  const startedAt = performance.now();
  const frame = Buffer.from([3, 0, 0, 0, 0]);
  let sent = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * movesPerSecond) / 1000);
    for (; sent < due; sent += 1) {
      frame.writeInt16BE(((sent * 37) % 60_000) - 30_000, 1);
      frame.writeInt16BE(((sent * 53) % 60_000) - 30_000, 3);
      socket.send(frame);
    }
  }, TICK_MS);
}

const options: FloodOptions = JSON.parse(process.argv[2] ?? "{}");
const sockets = await Promise.all(Array.from({ length: options.clients }, () => connect(options)));
for (const socket of sockets) move(socket, options.movesPerSecond);
process.stdout.write("ready\n");
