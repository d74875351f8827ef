// The hub without any wire: how many reports it takes, and what agents cost in memory.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/core/log.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import type { AgentSession } from "../../src/hub/ingest.ts";
import type { NodeReport } from "../../src/hub/report.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import { movedClock } from "./moved-clock.ts";
import { DEFAULT_RETENTION } from "./seeded-history.ts";

export interface HubDomainResult {
  readonly reportsPerSecond: number;
  readonly kibPerAgent: number;
}

function report(at: number, node: number): NodeReport {
  const wave = Math.sin(at / 1e7 + node);
  return {
    cpuPercent: 20 + 15 * wave + 5 * Math.random(),
    load1: 1 + wave / 2 + Math.random() / 10,
    load5: 1,
    load15: 1,
    memoryTotalBytes: 8_000_000_000,
    memoryUsedBytes: Math.floor(4e9 + 5e8 * wave + 1e7 * Math.random()),
    swapTotalBytes: 1_000_000_000,
    swapUsedBytes: 40_000_000,
    diskTotalBytes: 100_000_000_000,
    diskUsedBytes: Math.floor(4e10 + at / 1e6),
    receivedBytesPerSecond: Math.floor(1e5 * Math.random()),
    sentBytesPerSecond: Math.floor(1e5 * Math.random()),
    receivedBytes: Math.floor(at / 10),
    sentBytes: Math.floor(at / 12),
    tcpConnections: Math.floor(50 + 20 * Math.random()),
    udpConnections: Math.floor(5 + 3 * Math.random()),
    processCount: Math.floor(200 + 5 * Math.random()),
    uptimeSeconds: Math.floor(at / 1000) % 10_000_000,
    temperatures: [],
    gpuPercent: 0,
    gpus: [],
    message: "",
  };
}

/** Seconds of processor time of this whole process, its threads included. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Every agent reports once in each simulated second, as fast as it goes. */
async function ingest(folder: string, agents: number, seconds: number) {
  const clock = movedClock(Date.UTC(2026, 0, 5));
  const base = { clock, log: silentLogger };
  const engine = new WorkerEngine(new URL("./hub-storage-worker.js", import.meta.url));
  const path = join(folder, "ingest.db");
  const storage = await openHubStorage({ ...base, path, retention: DEFAULT_RETENTION, engine });
  const hub = await createHub({ ...base, storage, maxNodes: agents, saveSeconds: 1 });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const sessions: AgentSession[] = [];
  const link = { send: () => true, close: (): void => undefined };
  for (let index = 0; index < agents; index += 1) {
    const { node } = await hub.registry.add({});
    sessions.push(hub.ingest.attach({ node: node.id, dialect: "bench", remoteAddress: "" }, link));
  }
  const started = processorSeconds();
  for (let second = 0; second < seconds; second += 1) {
    clock.move(1000);
    for (const session of sessions) session.report(report(clock.now(), session.node));
    // The thread has to have written the second before the next one begins.
    await storage.figures();
  }
  const reportsPerSecond = (agents * seconds) / (processorSeconds() - started);
  globalThis.gc?.();
  const kibPerAgent = (process.memoryUsage().rss - before) / 1024 / agents;
  await hub.close();
  return { reportsPerSecond, kibPerAgent };
}

export async function hubDomain(isQuick: boolean): Promise<HubDomainResult> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-hub-"));
  try {
    return await ingest(folder, isQuick ? 200 : 1000, isQuick ? 60 : 180);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
