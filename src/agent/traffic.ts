import type { InterfaceCounters } from "../platform/sampling/port.ts";
import { COUNTING_RULES } from "./sample.ts";
import type { CountingRule, Traffic } from "./sample.ts";

export interface Bytes {
  readonly received: number;
  readonly sent: number;
}

const NOTHING: Bytes = { received: 0, sent: 0 };
const plus = (a: Bytes, b: Bytes): Bytes => ({
  received: a.received + b.received,
  sent: a.sent + b.sent,
});

/** What is kept over restarts, so that a month's total survives them. */
export interface TrafficRecord {
  /** Epoch milliseconds at which the present period began. */
  readonly periodStart: number;
  readonly bootId: string;
  /** Counted since `periodStart`. */
  readonly sums: Readonly<Record<CountingRule, Bytes>>;
  /** Kernel counters when the record was made, by interface. */
  readonly counters: Readonly<Record<string, Bytes>>;
}

/** The last local midnight of day `day`; where a month is too short, the first of the next month stands for it. */
export function periodStartOf(day: number, now: number): number {
  const date = new Date(now);
  // `Date` itself carries the 31st of April over to the 1st of May.
  const inMonth = (offset: number): number => {
    const year = date.getFullYear();
    const month = date.getMonth() + offset;
    const length = new Date(year, month + 1, 0).getDate();
    return new Date(year, month, Math.min(day, length + 1)).getTime();
  };
  const starts = [inMonth(0), inMonth(-1), inMonth(-2)];
  return starts.find((start) => start <= now) ?? now;
}

type Keeps = Readonly<Record<CountingRule, (name: string) => boolean>>;

/** A wrong clock must not cost the month's figures: a new period has to last this long before it counts. */
const PERIOD_CONFIRM_MS = 120_000;

export interface TrafficOptions {
  readonly keeps: Keeps;
  /** Day of the month on which totals begin again; 0 = they are the kernel's own. */
  readonly rotationDay: number;
  readonly bootId: string;
  readonly record: TrafficRecord | undefined;
}

export interface TrafficReading {
  readonly interfaces: readonly InterfaceCounters[];
  /** Wall clock and monotonic milliseconds. */
  readonly now: number;
  readonly monotonicMs: number;
}

/** Rates and totals of the interfaces. Memory is bounded by the interfaces that are present. */
export class TrafficMeter {
  readonly #options: TrafficOptions;
  #counters: ReadonlyMap<string, Bytes> | undefined;
  #isSameBoot: boolean;
  #sums: Record<CountingRule, Bytes>;
  #periodStart: number | undefined;
  #newPeriodAt: number | undefined;
  #sinceStart: Record<CountingRule, Bytes> = { komari: NOTHING, nezha: NOTHING };
  #previousMs: number | undefined;

  constructor(options: TrafficOptions) {
    const { record, bootId, rotationDay } = options;
    this.#options = options;
    const kept = rotationDay === 0 ? undefined : record;
    this.#isSameBoot = kept === undefined || kept.bootId === bootId;
    this.#counters = kept && new Map(Object.entries(kept.counters));
    this.#periodStart = kept?.periodStart;
    this.#sums = kept ? { ...kept.sums } : { komari: NOTHING, nezha: NOTHING };
  }

  read(reading: TrafficReading): Readonly<Record<CountingRule, Traffic>> {
    const { interfaces, monotonicMs } = reading;
    this.#rotate(reading);
    const isFirst = this.#previousMs === undefined;
    const seconds = (monotonicMs - (this.#previousMs ?? monotonicMs)) / 1000;
    const deltas = interfaces.map((each) => ({ name: each.name, bytes: this.#delta(each) }));
    const traffic = (rule: CountingRule): Traffic => {
      const keeps = this.#options.keeps[rule];
      let delta = NOTHING;
      for (const { name, bytes } of deltas) if (keeps(name)) delta = plus(delta, bytes);
      this.#sums[rule] = plus(this.#sums[rule], delta);
      if (!isFirst) this.#sinceStart[rule] = plus(this.#sinceStart[rule], delta);
      const rate = isFirst || seconds <= 0 ? NOTHING : delta;
      const total = this.#total(rule, interfaces);
      return {
        receivedBytes: total.received,
        sentBytes: total.sent,
        receivedBytesPerSecond: Math.round(rate.received / (seconds || 1)),
        sentBytesPerSecond: Math.round(rate.sent / (seconds || 1)),
        receivedSinceStartBytes: this.#sinceStart[rule].received,
        sentSinceStartBytes: this.#sinceStart[rule].sent,
      };
    };
    const result = { komari: traffic("komari"), nezha: traffic("nezha") };
    this.#counters = new Map(
      interfaces.map((each) => [each.name, { received: each.receivedBytes, sent: each.sentBytes }]),
    );
    this.#isSameBoot = true;
    this.#previousMs = monotonicMs;
    return result;
  }

  /** What to keep; undefined when totals are the kernel's own. */
  get record(): TrafficRecord | undefined {
    if (this.#periodStart === undefined) return undefined;
    return {
      periodStart: this.#periodStart,
      bootId: this.#options.bootId,
      sums: { ...this.#sums },
      counters: Object.fromEntries(this.#counters ?? []),
    };
  }

  #total(rule: CountingRule, interfaces: readonly InterfaceCounters[]): Bytes {
    if (this.#options.rotationDay !== 0) return this.#sums[rule];
    let total = NOTHING;
    for (const { name, receivedBytes: received, sentBytes: sent } of interfaces) {
      if (this.#options.keeps[rule](name)) total = plus(total, { received, sent });
    }
    return total;
  }

  #delta({ name, receivedBytes, sentBytes }: InterfaceCounters): Bytes {
    if (this.#counters === undefined) return NOTHING;
    const before = this.#isSameBoot ? this.#counters.get(name) : undefined;
    // After a restart, and for an interface that is new, the counters themselves are the difference.
    const since = (now: number, then: number): number => (now >= then ? now - then : now);
    return {
      received: since(receivedBytes, before?.received ?? 0),
      sent: since(sentBytes, before?.sent ?? 0),
    };
  }

  #rotate({ now, monotonicMs }: TrafficReading): void {
    const { rotationDay } = this.#options;
    if (rotationDay === 0) return;
    const start = periodStartOf(rotationDay, now);
    this.#periodStart ??= start;
    if (start <= this.#periodStart) {
      this.#newPeriodAt = undefined;
      return;
    }
    this.#newPeriodAt ??= monotonicMs;
    if (monotonicMs - this.#newPeriodAt < PERIOD_CONFIRM_MS) return;
    this.#periodStart = start;
    this.#newPeriodAt = undefined;
    this.#sums = { komari: NOTHING, nezha: NOTHING };
  }
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isBytes(value: unknown): value is Bytes {
  if (!isTree(value)) return false;
  return [value["received"], value["sent"]].every(
    (figure) => Number.isSafeInteger(figure) && Number(figure) >= 0,
  );
}

function isRecord(value: unknown): value is TrafficRecord {
  if (!isTree(value)) return false;
  const { periodStart, bootId, sums, counters } = value;
  if (!Number.isFinite(periodStart) || typeof bootId !== "string") return false;
  if (!isTree(sums) || !isTree(counters)) return false;
  return [...COUNTING_RULES.map((rule) => sums[rule]), ...Object.values(counters)].every(isBytes);
}

/** The record in a file's text; undefined when there is none or it makes no sense. */
export function parseTrafficRecord(text: string | undefined): TrafficRecord | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
