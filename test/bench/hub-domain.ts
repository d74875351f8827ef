// The hub without any wire: how many reports it takes, what agents cost in memory, and how large its file becomes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import type { AgentSession } from "../../src/hub/ingest.ts";
import type { NodeReport } from "../../src/hub/report.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import type { HubStorage, SeriesRow } from "../../src/hub/series/series.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import { percentile } from "./statistics.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
export const HUB_RETENTION = { minuteDays: 7, quarterDays: 90, hourDays: 730 };
const PING_TASKS = 10;
const CHUNK_MINUTES = 240;

export interface HubDomainResult {
  readonly reportsPerSecond: number;
  readonly kibPerAgent: number;
  readonly bytesPerNodeDay: number;
  readonly loadP99Ms: number;
  readonly pingsP99Ms: number;
}

/** A clock that is moved by hand; timers wait for it. */
function movedClock(startAt: number) {
  let moved = 0;
  const timers = new Set<{ readonly dueAt: number; readonly callback: () => void }>();
  return {
    now: () => startAt + moved,
    monotonic: () => moved,
    setTimer(delayMs: number, callback: () => void) {
      const timer = { dueAt: moved + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    move(ms: number): void {
      moved += ms;
      for (const timer of timers) {
        if (timer.dueAt > moved || !timers.delete(timer)) continue;
        timer.callback();
      }
    },
  };
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

function minuteRow(node: number, at: number): SeriesRow {
  const { load5: _5, load15: _15, ...figures } = report(at, node);
  const load = {
    ...figures,
    receivedDeltaBytes: 60_000,
    sentDeltaBytes: 50_000,
    temperatureCelsius: 45,
  };
  const pings = Array.from({ length: PING_TASKS }, (_, index) => {
    const meanMs = 20 + index * 10 + 3 * Math.random();
    const isLost = Math.random() < 0.01;
    if (isLost) return { task: index + 1, sent: 1, lost: 1, meanMs: 0, minMs: 0, maxMs: 0 };
    return { task: index + 1, sent: 1, lost: 0, meanMs, minMs: meanMs, maxMs: meanMs };
  });
  return { node, at, load, pings };
}

function workerEngine(): WorkerEngine {
  return new WorkerEngine(new URL("./hub-storage-worker.js", import.meta.url));
}

function open(path: string, clock: Clock, engine = workerEngine()): Promise<HubStorage> {
  return openHubStorage({ path, retention: HUB_RETENTION, clock, log: silentLogger, engine });
}

/** Seconds of processor time of this whole process, its threads included. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Every agent reports once in each simulated second, as fast as it goes. */
async function ingest(folder: string, agents: number, seconds: number) {
  const clock = movedClock(Date.UTC(2026, 0, 5));
  const storage = await open(join(folder, "ingest.db"), clock);
  const hub = await createHub({
    storage,
    clock,
    log: silentLogger,
    maxNodes: agents,
    saveSeconds: 1,
  });
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

/** Packing goes on by itself, a little every second; here it is asked for at once. */
async function packAll(engine: WorkerEngine, now: number): Promise<void> {
  for (;;) {
    const { isBusy } = await engine.perform({ kind: "maintain", now });
    if (isBusy !== true) return;
  }
}

async function history(folder: string, nodes: number, days: number) {
  const clock = movedClock(Date.UTC(2026, 0, 5));
  const engine = workerEngine();
  const storage = await open(join(folder, "history.db"), clock, engine);
  const first = clock.now();
  for (let chunk = 0; chunk < days * 6; chunk += 1) {
    const from = first + chunk * CHUNK_MINUTES * MINUTE;
    for (let node = 1; node <= nodes; node += 1) {
      storage.series.append(
        Array.from({ length: CHUNK_MINUTES }, (_, minute) =>
          minuteRow(node, from + minute * MINUTE),
        ),
      );
    }
    clock.move(CHUNK_MINUTES * MINUTE);
    await storage.series.load({ node: 1, from, to: from });
    await packAll(engine, clock.now());
  }
  const { fileBytes } = await storage.figures();
  const times = await readTimes(storage, clock, nodes);
  await storage.close();
  return { bytesPerNodeDay: fileBytes / nodes / days, ...times };
}

/** Thirty days of one node, while every node goes on to write. */
async function readTimes(storage: HubStorage, clock: ReturnType<typeof movedClock>, nodes: number) {
  const [loads, pings]: [number[], number[]] = [[], []];
  for (let round = 0; round < 100; round += 1) {
    clock.move(MINUTE);
    const at = clock.now();
    storage.series.append(Array.from({ length: nodes }, (_, index) => minuteRow(index + 1, at)));
    const query = { node: 1 + (round % nodes), from: at - 30 * DAY, to: at };
    let started = performance.now();
    await storage.series.load(query);
    loads.push(performance.now() - started);
    started = performance.now();
    await storage.series.pings(query);
    pings.push(performance.now() - started);
  }
  return { loadP99Ms: percentile(loads, 0.99), pingsP99Ms: percentile(pings, 0.99) };
}

export async function hubDomain(isQuick: boolean): Promise<HubDomainResult> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-hub-"));
  try {
    const taken = await ingest(folder, isQuick ? 200 : 1000, isQuick ? 60 : 180);
    const kept = await history(folder, isQuick ? 2 : 5, isQuick ? 10 : 90);
    return { ...taken, ...kept };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
