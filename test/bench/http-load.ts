// A load generator in a process of its own: N keep-alive connections, one request in flight on each, over bare sockets
// so that it costs less than what it measures. Arguments: a JSON object of LoadOptions. Prints a JSON LoadResult.
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface LoadOptions {
  readonly port: number;
  readonly tls: boolean;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const MAX_SAMPLES = 4_000_000;
const HEADER_END = Buffer.from("\r\n\r\n");

class Meter {
  readonly #latencies = new Float64Array(MAX_SAMPLES);
  requests = 0;
  failures = 0;
  isCounting = false;

  count(latencyMs: number, isOk: boolean): void {
    if (!this.isCounting) return;
    if (this.requests < MAX_SAMPLES) this.#latencies[this.requests] = latencyMs;
    this.requests += 1;
    if (!isOk) this.failures += 1;
  }

  result(durationMs: number): LoadResult {
    const sorted = this.#latencies.subarray(0, Math.min(this.requests, MAX_SAMPLES)).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    return {
      requests: this.requests,
      failures: this.failures,
      perSecond: (this.requests * 1000) / durationMs,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }
}

/** Length of the first complete response in the buffer, or 0. */
function responseLength(buffer: Buffer): number {
  const headerEnd = buffer.indexOf(HEADER_END);
  if (headerEnd < 0) return 0;
  const header = buffer.toString("latin1", 0, headerEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(header)?.[1];
  if (length === undefined) throw new Error(`No Content-Length in: ${header}`);
  const total = headerEnd + HEADER_END.length + Number(length);
  return buffer.length >= total ? total : 0;
}

function drive(socket: Socket, request: Buffer, meter: Meter): void {
  let pending: Buffer = Buffer.alloc(0);
  let sentAt = 0;
  const send = (): void => {
    sentAt = performance.now();
    socket.write(request);
  };
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const length = responseLength(pending);
    if (length === 0) return;
    meter.count(performance.now() - sentAt, pending.toString("latin1", 9, 12) === "200");
    pending = pending.subarray(length);
    send();
  });
  socket.on("error", (error) => {
    throw error;
  });
  send();
}

function open(options: LoadOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const where = { host: "127.0.0.1", port: options.port };
    const socket = options.tls
      ? connectTls({ ...where, rejectUnauthorized: false }, () => {
          resolve(socket);
        })
      : connectTcp(where, () => {
          resolve(socket);
        });
    socket.setNoDelay(true);
    socket.once("error", reject);
  });
}

async function main(): Promise<void> {
  const options: LoadOptions = JSON.parse(process.argv[2] ?? "{}");
  const headers = { Host: `127.0.0.1:${options.port}`, ...options.headers };
  const request = Buffer.from(
    `GET ${options.path} HTTP/1.1\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}\r\n`,
  );
  const meter = new Meter();
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => open(options)),
  );
  for (const socket of sockets) drive(socket, request, meter);
  setTimeout(() => {
    meter.isCounting = true;
    const startedAt = performance.now();
    setTimeout(() => {
      const result = meter.result(performance.now() - startedAt);
      process.stdout.write(JSON.stringify(result), () => process.exit(0));
    }, options.durationMs);
  }, options.warmUpMs);
}

await main();
