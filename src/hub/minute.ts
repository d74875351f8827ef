import type { PingResult } from "./ingest.ts";
import type { ReceivedReport } from "./report.ts";
import type { LoadFigures, PingFigures, SeriesRow } from "./series/series.ts";

export const MINUTE_MS = 60_000;

/** Fields of a report that are averaged, in the order of the sums. */
const MEANS = [
  "cpuPercent",
  "gpuPercent",
  "load1",
  "memoryUsedBytes",
  "swapUsedBytes",
  "diskUsedBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "tcpConnections",
  "udpConnections",
  "processCount",
] as const;

interface PingSums {
  sent: number;
  lost: number;
  sumMs: number;
  minMs: number;
  maxMs: number;
}

function hottest({ temperatures }: ReceivedReport): number {
  let most = 0;
  for (const { celsius } of temperatures) if (celsius > most) most = celsius;
  return most;
}

/** Figures of one node within the present minute. Nothing is allocated for a report. */
export class MinuteCollector {
  readonly #sums = new Float64Array(MEANS.length + 1);
  readonly #pings = new Map<number, PingSums>();
  #count = 0;
  #last: ReceivedReport | undefined;
  /** Start of the minute; epoch milliseconds. */
  #at = 0;
  #isDirty = false;

  /** Start of the minute that is collected. */
  get at(): number {
    return this.#at;
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** Begins another minute with nothing in it. */
  begin(at: number): void {
    this.#at = at;
    this.#count = 0;
    this.#last = undefined;
    this.#sums.fill(0);
    this.#pings.clear();
    this.#isDirty = false;
  }

  add(report: ReceivedReport): void {
    let index = 0;
    for (const field of MEANS) {
      this.#sums[index] = (this.#sums[index] ?? 0) + report[field];
      index += 1;
    }
    this.#sums[index] = (this.#sums[index] ?? 0) + hottest(report);
    this.#count += 1;
    this.#last = report;
    this.#isDirty = true;
  }

  addPing({ task, elapsedMs }: PingResult): void {
    let sums = this.#pings.get(task);
    if (sums === undefined) {
      sums = { sent: 0, lost: 0, sumMs: 0, minMs: Number.POSITIVE_INFINITY, maxMs: 0 };
      this.#pings.set(task, sums);
    }
    sums.sent += 1;
    this.#isDirty = true;
    if (elapsedMs === undefined) {
      sums.lost += 1;
      return;
    }
    sums.sumMs += elapsedMs;
    sums.minMs = Math.min(sums.minMs, elapsedMs);
    sums.maxMs = Math.max(sums.maxMs, elapsedMs);
  }

  /** What the minute holds so far. */
  row(node: number, receivedDeltaBytes: number, sentDeltaBytes: number): SeriesRow {
    this.#isDirty = false;
    const pings = Array.from(this.#pings, ([task, sums]) => pingFigures(task, sums));
    if (this.#last === undefined) return { node, at: this.#at, pings };
    const load = this.#load(this.#last, receivedDeltaBytes, sentDeltaBytes);
    return { node, at: this.#at, load, pings };
  }

  #load(last: ReceivedReport, receivedDeltaBytes: number, sentDeltaBytes: number): LoadFigures {
    const mean = (index: number): number => (this.#sums[index] ?? 0) / this.#count;
    return {
      cpuPercent: mean(0),
      gpuPercent: mean(1),
      load1: mean(2),
      memoryUsedBytes: mean(3),
      memoryTotalBytes: last.memoryTotalBytes,
      swapUsedBytes: mean(4),
      swapTotalBytes: last.swapTotalBytes,
      diskUsedBytes: mean(5),
      diskTotalBytes: last.diskTotalBytes,
      receivedBytesPerSecond: mean(6),
      sentBytesPerSecond: mean(7),
      receivedBytes: last.receivedBytes,
      sentBytes: last.sentBytes,
      receivedDeltaBytes,
      sentDeltaBytes,
      tcpConnections: mean(8),
      udpConnections: mean(9),
      processCount: mean(10),
      temperatureCelsius: mean(MEANS.length),
    };
  }
}

function pingFigures(task: number, { sent, lost, sumMs, minMs, maxMs }: PingSums): PingFigures {
  if (sent === lost) return { task, sent, lost, meanMs: 0, minMs: 0, maxMs: 0 };
  return { task, sent, lost, meanMs: sumMs / (sent - lost), minMs, maxMs };
}
