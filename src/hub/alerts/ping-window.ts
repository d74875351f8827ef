/** Answers of one ping task within the last so many seconds, in eight parts that are forgotten one by one. */
export interface PingSummary {
  readonly sent: number;
  readonly lost: number;
  /** Of the answers; undefined when there was none. */
  readonly meanMs: number | undefined;
}

const PARTS = 8;

export class PingWindow {
  readonly #partMs: number;
  readonly #sent = new Uint32Array(PARTS);
  readonly #lost = new Uint32Array(PARTS);
  readonly #sumMs = new Float64Array(PARTS);
  /** Number of the part that was written last. */
  #newest = Number.NEGATIVE_INFINITY;

  constructor(windowSeconds: number) {
    this.#partMs = (windowSeconds * 1000) / PARTS;
  }

  /** `nowMs` is monotonic. Undefined milliseconds are a loss. */
  add(elapsedMs: number | undefined, nowMs: number): void {
    const place = this.#advance(nowMs) % PARTS;
    this.#sent[place] = (this.#sent[place] ?? 0) + 1;
    if (elapsedMs === undefined) this.#lost[place] = (this.#lost[place] ?? 0) + 1;
    else this.#sumMs[place] = (this.#sumMs[place] ?? 0) + elapsedMs;
  }

  read(nowMs: number): PingSummary {
    this.#advance(nowMs);
    const sum = (all: number, part: number): number => all + part;
    const sent = this.#sent.reduce(sum, 0);
    const lost = this.#lost.reduce(sum, 0);
    const answered = sent - lost;
    const meanMs = answered === 0 ? undefined : this.#sumMs.reduce(sum, 0) / answered;
    return { sent, lost, meanMs };
  }

  #advance(nowMs: number): number {
    const part = Math.floor(nowMs / this.#partMs);
    const first = Math.max(this.#newest + 1, part - PARTS + 1);
    for (let old = first; old <= part; old += 1) {
      const place = old % PARTS;
      this.#sent[place] = 0;
      this.#lost[place] = 0;
      this.#sumMs[place] = 0;
    }
    this.#newest = Math.max(this.#newest, part);
    return this.#newest;
  }
}

/** So many answers are needed before anything is said. */
const LEAST_SENT = 3;
/** Has to fall below this part of the threshold to be over. */
const RELEASE = 0.8;

/** Whether a window is beyond its threshold; undefined where it cannot say. */
export function judgePings(
  { sent, lost, meanMs }: PingSummary,
  measure: "loss" | "latency",
  threshold: number,
): { readonly isBad: boolean | undefined; readonly value: number | undefined } {
  const value = measure === "loss" ? (100 * lost) / sent : meanMs;
  if (sent < LEAST_SENT || value === undefined) return { isBad: undefined, value: undefined };
  if (value >= threshold && value > 0) return { isBad: true, value };
  return { isBad: value < threshold * RELEASE || value === 0 ? false : undefined, value };
}
