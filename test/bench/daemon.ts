import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** The built daemon; the benchmark runs in the repository. */
const MAIN = resolve("dist", "main.js");

export const CREDENTIALS = { "X-KVMD-User": "bench", "X-KVMD-Passwd": "correct-horse-battery" };

export interface DaemonOptions {
  readonly dataDir: string;
  readonly tls: boolean;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** File that takes what the daemon says; default: its errors are shown, the rest is dropped. */
  readonly logPath?: string;
}

export interface RunningDaemon {
  readonly port: number;
  readonly pid: number;
  /** From spawning the process to the first 200 of /health. */
  readonly readyMs: number;
  /** Resident memory in MiB. */
  residentMiB(): number;
  stop(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}

/** The status of one GET of /health; 0 while nobody answers. */
function healthStatus(port: number, tls: boolean): Promise<number> {
  return new Promise((resolve) => {
    const call = (tls ? requestTls : request)(
      { host: "127.0.0.1", port, path: "/health", rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.once("error", () => {
      resolve(0);
    });
    call.end();
  });
}

async function untilHealthy(child: ChildProcess, port: number, tls: boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await healthStatus(port, tls)) !== 200) {
    if (child.exitCode !== null) throw new Error(`The daemon ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error("The daemon did not become ready");
    await pause(2);
  }
}

/** Starts `node dist/main.js serve` and waits until it is ready. */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const port = await freePort();
  const startedAt = performance.now();
  const log = options.logPath === undefined ? undefined : openSync(options.logPath, "a");
  const child = spawn(process.execPath, [MAIN, "serve"], {
    stdio: ["ignore", log ?? "ignore", log ?? "inherit"],
    env: {
      ...process.env,
      FARHAND__PLATFORM: "sim",
      FARHAND__DATA_DIR: options.dataDir,
      FARHAND__HTTP__HOST: "127.0.0.1",
      FARHAND__HTTP__PORT: String(port),
      FARHAND__HTTP__TLS__MODE: options.tls ? "self-signed" : "off",
      FARHAND__AUTH__INITIAL_USER: CREDENTIALS["X-KVMD-User"],
      FARHAND__AUTH__INITIAL_PASSWORD: CREDENTIALS["X-KVMD-Passwd"],
      ...options.env,
    },
  });
  if (log !== undefined) closeSync(log);
  const pid = child.pid ?? 0;
  await untilHealthy(child, port, options.tls);
  const readyMs = performance.now() - startedAt;
  return {
    port,
    pid,
    readyMs,
    residentMiB: () => {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
    },
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}
