import type { ReceivedReport } from "./report.ts";
import { MinuteCollector } from "./minute.ts";
import { RecentReports } from "./recent-reports.ts";
import { TrafficCounter } from "./traffic.ts";
import type { TrafficRecord } from "./traffic.ts";

/** So many at once, then so many per second. */
interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

const REPORTS: Allowance = { burst: 20, perSecond: 4 };
const PINGS: Allowance = { burst: 400, perSecond: 50 };

/** Tokens that fill up with time. */
class Bucket {
  readonly #allowance: Allowance;
  #tokens: number;
  #filledMs = 0;

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
    this.#tokens = allowance.burst;
  }

  take(nowMs: number): boolean {
    const { burst, perSecond } = this.#allowance;
    const filled = this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond;
    this.#tokens = Math.min(burst, filled);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** What the hub has in memory about a node that has reported. */
export class NodeState {
  readonly node: number;
  readonly minute = new MinuteCollector();
  readonly reports = new Bucket(REPORTS);
  readonly pings = new Bucket(PINGS);
  readonly traffic: TrafficCounter;
  /** Refused since the last quiet minute. */
  refused = 0;
  remoteAddress = "";
  latest: ReceivedReport | undefined;
  /** Totals that are in the file; to know whether to write them. */
  savedTraffic: TrafficRecord | undefined;
  readonly #recent = new RecentReports();

  constructor(node: number, traffic: TrafficRecord | undefined) {
    this.node = node;
    this.traffic = new TrafficCounter(traffic);
    this.savedTraffic = traffic;
  }

  remember(report: ReceivedReport): void {
    this.latest = report;
    this.#recent.add(report);
  }

  recent(now: number): readonly ReceivedReport[] {
    return this.#recent.since(now);
  }
}
