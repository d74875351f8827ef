// A database as a hub has it that took the figures of a fleet for a long time: written by the storage itself, whose clock
// is moved. Large fleets would take too long: rows of some nodes are copied for the others.
import { silentLogger } from "../../src/core/log.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import type { SeriesRow, SqlStatement } from "../../src/hub/series/series.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import { movedClock } from "./moved-clock.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** As in the configuration, when nobody changes it. */
export const DEFAULT_RETENTION = { minuteDays: 7, quarterDays: 90, hourDays: 730 };
/** The storage packs what lies four hours back; it is asked for that each time there is something. */
const STRETCH_MINUTES = 240;

export interface HistoryOptions {
  readonly path: string;
  /** `NodeRecord.id` of each. */
  readonly nodes: readonly number[];
  /** So many of them are written minute by minute. */
  readonly written: number;
  readonly tasks: readonly number[];
  readonly days: number;
  /** Epoch milliseconds: the last minute. */
  readonly until: number;
}

export interface HistoryFigures {
  /** Of what was written minute by minute, with what is free in the file. */
  readonly bytesPerNodeDay: number;
  readonly seconds: number;
}

function loadFigures(at: number, node: number) {
  const wave = Math.sin(at / 1e7 + node);
  return {
    cpuPercent: 20 + 15 * wave + 5 * Math.random(),
    gpuPercent: 0,
    load1: 1 + wave / 2 + Math.random() / 10,
    memoryUsedBytes: Math.floor(4e9 + 5e8 * wave + 1e7 * Math.random()),
    memoryTotalBytes: 8_000_000_000,
    swapUsedBytes: 40_000_000,
    swapTotalBytes: 1_000_000_000,
    diskUsedBytes: Math.floor(4e10 + at / 1e6),
    diskTotalBytes: 100_000_000_000,
    receivedBytesPerSecond: Math.floor(1e5 * Math.random()),
    sentBytesPerSecond: Math.floor(1e5 * Math.random()),
    receivedBytes: Math.floor(at / 10),
    sentBytes: Math.floor(at / 12),
    receivedDeltaBytes: Math.floor(6e6 * Math.random()),
    sentDeltaBytes: Math.floor(6e6 * Math.random()),
    tcpConnections: Math.floor(50 + 20 * Math.random()),
    udpConnections: Math.floor(5 + 3 * Math.random()),
    processCount: Math.floor(200 + 5 * Math.random()),
    temperatureCelsius: 45 + 5 * wave,
  };
}

/** One ping a minute and task, of which one in a hundred is lost. */
function pingFigures(task: number) {
  if (Math.random() < 0.01) return { task, sent: 1, lost: 1, meanMs: 0, minMs: 0, maxMs: 0 };
  const meanMs = 20 + task * 10 + 3 * Math.random();
  return { task, sent: 1, lost: 0, meanMs, minMs: meanMs, maxMs: meanMs };
}

function minuteRow(node: number, at: number, tasks: readonly number[]): SeriesRow {
  return { node, at, load: loadFigures(at, node), pings: tasks.map(pingFigures) };
}

/** Everything of one node for another one. */
function copyOf(node: number, from: number): readonly SqlStatement[] {
  const values = [node, from];
  return [
    {
      sql: "INSERT INTO chunk (node, tier, track, start, packed) SELECT ?, tier, track, start, packed FROM chunk WHERE node = ?",
      values,
    },
    {
      sql: "INSERT INTO loose (at, node, payload) SELECT at, ?, payload FROM loose WHERE node = ?",
      values,
    },
  ];
}

/** Every minute of every node and task, no two alike; what is old is rolled up and dropped on the way. */
export async function seedHistory(options: HistoryOptions): Promise<HistoryFigures> {
  const { path, nodes, tasks, days, until } = options;
  const startedAt = performance.now();
  const written = nodes.slice(0, options.written);
  const stretchMs = STRETCH_MINUTES * MINUTE;
  const clock = movedClock(Math.floor((until - days * DAY) / stretchMs) * stretchMs);
  const engine = new WorkerEngine(new URL("./hub-storage-worker.js", import.meta.url));
  const base = { path, retention: DEFAULT_RETENTION, clock, log: silentLogger, engine };
  const storage = await openHubStorage(base);
  for (let from = clock.now(); from < until; from += stretchMs) {
    const to = Math.min(from + stretchMs, until);
    for (const node of written) {
      // The thread packs the stretch before, while the rows of this one are made.
      const packing = engine.perform({ kind: "maintain", now: from });
      for (let at = from; at < to; at += MINUTE) {
        storage.series.append([minuteRow(node, at, tasks)]);
      }
      await packing;
    }
    while ((await engine.perform({ kind: "maintain", now: from })).isBusy === true);
    clock.move(to - from);
    // Waits until everything is written.
    await storage.figures();
  }
  const { droppedRows, problem } = storage.series.state.value;
  const { fileBytes } = await storage.figures();
  for (const [index, node] of nodes.entries()) {
    const from = written[index % written.length] ?? node;
    if (from !== node) await storage.tables.write(copyOf(node, from));
  }
  await storage.close();
  if (droppedRows > 0 || problem !== "") throw new Error(`Rows were lost: ${problem}`);
  return {
    bytesPerNodeDay: fileBytes / written.length / days,
    seconds: (performance.now() - startedAt) / 1000,
  };
}
