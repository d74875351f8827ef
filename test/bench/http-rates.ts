import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CREDENTIALS, startDaemon } from "./daemon.ts";
import type { LoadOptions, LoadResult } from "./http-load.ts";
import { percentile } from "./statistics.ts";

export const PATHS = ["/api/auth/check", "/api/atx", "/api/info"] as const;

const STARTS = 10;
const CONNECTIONS = 16;

function runLoad(options: LoadOptions): Promise<LoadResult> {
  const script = fileURLToPath(new URL("http-load.js", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) {
        const result: LoadResult = JSON.parse(output);
        resolve(result);
      } else {
        reject(new Error(`The load generator ended with ${code}`));
      }
    });
  });
}

export interface HttpRow extends LoadResult {
  readonly path: string;
  readonly tls: boolean;
}

export interface HttpResult {
  readonly rows: readonly HttpRow[];
  readonly idleMiB: number;
  readonly loadedMiB: number;
}

/** Requests a second with header credentials, one keep-alive request in flight on each of 16 connections. */
export async function httpRates(tls: boolean, durationMs: number): Promise<HttpResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-bench-"));
  // Account and certificate are made once in the life of a device; what is measured is any later start.
  await (await startDaemon({ dataDir, tls })).stop();
  const daemon = await startDaemon({ dataDir, tls });
  try {
    await new Promise((resolve) => {
      setTimeout(resolve, 3000);
    });
    const idleMiB = daemon.residentMiB();
    const rows: HttpRow[] = [];
    for (const path of PATHS) {
      const result = await runLoad({
        port: daemon.port,
        tls,
        path,
        headers: CREDENTIALS,
        connections: CONNECTIONS,
        warmUpMs: 1500,
        durationMs,
      });
      rows.push({ ...result, path, tls });
    }
    return { rows, idleMiB, loadedMiB: daemon.residentMiB() };
  } finally {
    await daemon.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export interface StartResult {
  /** With an empty data directory: the account and the certificate are made. */
  readonly firstMs: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** From spawning the process to the first 200. */
export async function startTimes(tls: boolean): Promise<StartResult> {
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-bench-"));
  try {
    const times: number[] = [];
    for (let start = 0; start <= STARTS; start += 1) {
      const daemon = await startDaemon({ dataDir, tls });
      times.push(daemon.readyMs);
      await daemon.stop();
    }
    const [firstMs = Number.NaN, ...later] = times;
    return { firstMs, medianMs: percentile(later, 0.5), slowestMs: Math.max(...later) };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
