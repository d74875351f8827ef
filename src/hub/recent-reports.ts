import type { ReceivedReport } from "./report.ts";

/** How far back reports are kept. */
const KEPT_MS = 60_000;
const MOST = 60;

/** The numbers of a report, in the order in which they are kept. */
const FIELDS = [
  "at",
  "cpuPercent",
  "load1",
  "load5",
  "load15",
  "memoryTotalBytes",
  "memoryUsedBytes",
  "swapTotalBytes",
  "swapUsedBytes",
  "diskTotalBytes",
  "diskUsedBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "receivedBytes",
  "sentBytes",
  "tcpConnections",
  "udpConnections",
  "processCount",
  "uptimeSeconds",
  "gpuPercent",
] as const satisfies readonly (keyof ReceivedReport)[];

const WIDTH = FIELDS.length;

/** What most agents have none of. */
type Rest = Pick<ReceivedReport, "temperatures" | "gpus" | "message">;

/** Not the report itself: it would be kept with it. */
function restOf({ temperatures, gpus, message }: ReceivedReport): Rest | undefined {
  const isEmpty = temperatures.length === 0 && gpus.length === 0 && message === "";
  return isEmpty ? undefined : { temperatures, gpus, message };
}

/**
 * The reports of one node's last minute, at most one per second. They are kept as plain numbers: as objects, those of a
 * thousand nodes would be most of the process's memory, and all of them the garbage collector's work.
 */
export class RecentReports {
  readonly #numbers = new Float64Array(MOST * WIDTH);
  readonly #rests: (Rest | undefined)[] = [];
  /** Place of the next report, and how many there are. */
  #next = 0;
  #count = 0;

  /** A report of the same second as the newest one takes its place. */
  add(report: ReceivedReport): void {
    const newest = (this.#next + MOST - 1) % MOST;
    const newestAt = this.#numbers[newest * WIDTH] ?? 0;
    const isSameSecond =
      this.#count > 0 && Math.floor(newestAt / 1000) === Math.floor(report.at / 1000);
    const place = isSameSecond ? newest : this.#next;
    let index = place * WIDTH;
    for (const field of FIELDS) {
      this.#numbers[index] = report[field];
      index += 1;
    }
    this.#rests[place] = restOf(report);
    if (isSameSecond) return;
    this.#next = (place + 1) % MOST;
    this.#count = Math.min(MOST, this.#count + 1);
  }

  /** Oldest first; those that are older than a minute, or from before the clock was set back, are left out. */
  since(now: number): readonly ReceivedReport[] {
    const reports: ReceivedReport[] = [];
    for (let age = this.#count; age > 0; age -= 1) {
      const place = (this.#next + MOST - age) % MOST;
      const at = this.#numbers[place * WIDTH] ?? 0;
      if (at > now - KEPT_MS && at <= now) reports.push(this.#report(place));
    }
    return reports;
  }

  #report(place: number): ReceivedReport {
    const number = (offset: number): number => this.#numbers[place * WIDTH + offset] ?? 0;
    const rest = this.#rests[place];
    return {
      at: number(0),
      cpuPercent: number(1),
      load1: number(2),
      load5: number(3),
      load15: number(4),
      memoryTotalBytes: number(5),
      memoryUsedBytes: number(6),
      swapTotalBytes: number(7),
      swapUsedBytes: number(8),
      diskTotalBytes: number(9),
      diskUsedBytes: number(10),
      receivedBytesPerSecond: number(11),
      sentBytesPerSecond: number(12),
      receivedBytes: number(13),
      sentBytes: number(14),
      tcpConnections: number(15),
      udpConnections: number(16),
      processCount: number(17),
      uptimeSeconds: number(18),
      gpuPercent: number(19),
      temperatures: rest?.temperatures ?? [],
      gpus: rest?.gpus ?? [],
      message: rest?.message ?? "",
    };
  }
}
