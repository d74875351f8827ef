import type { Clock } from "../../../core/clock.ts";

export interface AllowanceOptions {
  /** So many at once, then so many per second. */
  readonly burst: number;
  readonly perSecond: number;
  /** Keys that are remembered; the one that was idle longest is forgotten. */
  readonly keys: number;
}

interface Bucket {
  tokens: number;
  /** Monotonic milliseconds. */
  filledAt: number;
}

/** How often something may happen, for each of many keys. Bounded whatever the keys are. */
export class Allowance<K> {
  readonly #options: AllowanceOptions;
  readonly #clock: Clock;
  readonly #buckets = new Map<K, Bucket>();

  constructor(options: AllowanceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Takes one; false when there is none left. */
  take(key: K): boolean {
    const { burst, perSecond, keys } = this.#options;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > keys) this.#forgetOldest();
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}
