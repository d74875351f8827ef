import { MAX_BYTES_PER_SECOND } from "./accept-report.ts";
import type { NodeTraffic } from "./ingest.ts";
import type { NodeReport } from "./report.ts";

/** What is kept of a node over restarts of the hub. */
export interface TrafficRecord extends NodeTraffic {
  /** Counters and uptime of the last report; `lastUptimeSeconds` is -1 before the first. */
  readonly lastReceivedBytes: number;
  readonly lastSentBytes: number;
  readonly lastUptimeSeconds: number;
}

export const NO_TRAFFIC: TrafficRecord = {
  receivedBytes: 0,
  sentBytes: 0,
  lastReceivedBytes: 0,
  lastSentBytes: 0,
  lastUptimeSeconds: -1,
};

/** Time for which a jump of the counters is believed although the hub did not see it happen. */
const MOST_SECONDS = 366 * 86_400;

/**
 * Sums what a node moves, whatever its counters do: a counter that fell with the uptime began anew at 0, one that fell
 * without (a monthly reset, another rule of counting) tells nothing about the time between.
 */
export class TrafficCounter {
  #received: number;
  #sent: number;
  #lastReceived: number;
  #lastSent: number;
  #lastUptime: number;
  #lastMs: number | undefined;
  /** Moved since `takeDelta` was last called. */
  #receivedDelta = 0;
  #sentDelta = 0;

  constructor(record: TrafficRecord = NO_TRAFFIC) {
    this.#received = record.receivedBytes;
    this.#sent = record.sentBytes;
    this.#lastReceived = record.lastReceivedBytes;
    this.#lastSent = record.lastSentBytes;
    this.#lastUptime = record.lastUptimeSeconds;
  }

  get receivedDelta(): number {
    return this.#receivedDelta;
  }

  get sentDelta(): number {
    return this.#sentDelta;
  }

  get record(): TrafficRecord {
    return {
      receivedBytes: this.#received,
      sentBytes: this.#sent,
      lastReceivedBytes: this.#lastReceived,
      lastSentBytes: this.#lastSent,
      lastUptimeSeconds: this.#lastUptime,
    };
  }

  add({ receivedBytes, sentBytes, uptimeSeconds }: NodeReport, nowMs: number): void {
    const isFirst = this.#lastUptime < 0;
    const isRestart = !isFirst && uptimeSeconds < this.#lastUptime;
    const seconds = this.#lastMs === undefined ? MOST_SECONDS : (nowMs - this.#lastMs) / 1000 + 1;
    const most = seconds * MAX_BYTES_PER_SECOND;
    const since = (now: number, before: number): number => {
      if (isFirst) return 0;
      const moved = now >= before ? now - before : isRestart ? now : 0;
      return moved <= most ? moved : 0;
    };
    const received = since(receivedBytes, this.#lastReceived);
    const sent = since(sentBytes, this.#lastSent);
    this.#received += received;
    this.#sent += sent;
    this.#receivedDelta += received;
    this.#sentDelta += sent;
    this.#lastReceived = receivedBytes;
    this.#lastSent = sentBytes;
    this.#lastUptime = uptimeSeconds;
    this.#lastMs = nowMs;
  }

  beginPeriod(): void {
    this.#receivedDelta = 0;
    this.#sentDelta = 0;
  }
}
