import { signal } from "@preact/signals";
import type { LoadHistory, PingHistory } from "../../../../protocol/fleet/history.ts";
import { sentenceOf } from "../../../lib/api.ts";
import { ask } from "../fleet-api.ts";
import { SHAPES } from "../shapes.ts";

export const RANGES = { "1h": 3600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000 };
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = ["1h", "6h", "24h", "7d", "30d"] as const satisfies readonly RangeName[];

const REFRESH_MS = 60_000;

export interface Period {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** The past of one node in a period that follows the present, or in a part that was looked at closer. */
export class NodeHistory {
  readonly range = signal<RangeName>("1h");
  readonly zoom = signal<Period | undefined>(undefined);
  readonly load = signal<LoadHistory | undefined>(undefined);
  readonly pings = signal<PingHistory | undefined>(undefined);
  readonly problem = signal("");
  readonly #uuid: string;
  #asking: AbortController | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(uuid: string) {
    this.#uuid = uuid;
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.zoom.value === undefined && !document.hidden) void this.refresh();
    }, REFRESH_MS);
    void this.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#asking?.abort();
  }

  choose(range: RangeName): void {
    this.range.value = range;
    this.zoom.value = undefined;
    void this.refresh();
  }

  /** Looks closer; the figures are asked for again, because finer ones may be there. Undefined: back to everything. */
  look(period: Period | undefined): void {
    if (period === undefined && this.zoom.value === undefined) return;
    if (period !== undefined && period.to - period.from < 60_000) return;
    this.zoom.value = period;
    void this.refresh();
  }

  /** Only the newest question counts. */
  async refresh(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const now = Date.now();
    const { from, to } = this.zoom.value ?? {
      from: now - RANGES[this.range.value] * 1000,
      to: now,
    };
    const points = Math.min(1500, Math.max(200, Math.round(innerWidth / 2)));
    const options = {
      query: { from: Math.round(from), to: Math.round(to), points },
      signal: asking.signal,
    };
    try {
      const [load, pings] = await Promise.all([
        ask("GET", `/nodes/${this.#uuid}/load`, SHAPES.load, options),
        ask("GET", `/nodes/${this.#uuid}/pings`, SHAPES.pings, options),
      ]);
      this.load.value = load;
      this.pings.value = pings;
      this.problem.value = "";
    } catch (error) {
      this.problem.value = sentenceOf(error);
    }
  }
}
