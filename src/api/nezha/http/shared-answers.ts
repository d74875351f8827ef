import type { Clock } from "../../../core/clock.ts";

interface Shared<T> {
  readonly answer: Promise<T>;
  /** Monotonic milliseconds. */
  readonly madeMs: number;
}

export interface SharedAnswersLimits {
  readonly keepMs: number;
  /** Answers that are kept at a time. */
  readonly most: number;
}

/** Answers that take work are made once for all who ask within a while, so that guests cannot keep the database busy. */
export class SharedAnswers<T> {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #most: number;
  readonly #byKey = new Map<string, Shared<T>>();

  constructor(clock: Clock, { keepMs, most }: SharedAnswersLimits) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#most = most;
  }

  /** The kept answer, or the one that `make` gives. A failure is shared as well, but not kept. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonic();
    const kept = this.#byKey.get(key);
    if (kept !== undefined && now - kept.madeMs < this.#keepMs) return kept.answer;
    const answer = make();
    const shared = { answer, madeMs: now };
    this.#byKey.delete(key);
    this.#byKey.set(key, shared);
    answer.catch(() => {
      if (this.#byKey.get(key) === shared) this.#byKey.delete(key);
    });
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= this.#most) break;
      this.#byKey.delete(oldest);
    }
    return answer;
  }
}
