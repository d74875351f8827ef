/** Delays before attempts; the last one repeats. `jitter` 0.2 spreads each by plus or minus 20 %. */
export interface BackoffOptions {
  readonly stepsMs: readonly number[];
  readonly jitter?: number;
  /** 0 <= value < 1; injectable for tests. */
  readonly random?: () => number;
}

export interface Backoff {
  /** The delay before the next attempt, in milliseconds; moves one step on. */
  next(): number;
  /** Call after success: the next failure starts from the first step. */
  reset(): void;
}

export function createBackoff({
  stepsMs,
  jitter = 0,
  random = Math.random,
}: BackoffOptions): Backoff {
  let attempt = 0;
  return {
    next() {
      const step = stepsMs[Math.min(attempt, stepsMs.length - 1)] ?? 0;
      attempt += 1;
      return Math.round(step * (1 + jitter * (2 * random() - 1)));
    },
    reset() {
      attempt = 0;
    },
  };
}
