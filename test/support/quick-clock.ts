import { systemClock } from "../../src/core/clock.ts";
import type { Clock } from "../../src/core/clock.ts";

/** Real time, but `factor` times as fast: for what waits for seconds between real sockets. */
export function quickClock(factor: number): Clock {
  const startedAt = Date.now();
  return {
    now: () => startedAt + (Date.now() - startedAt) * factor,
    monotonic: () => systemClock.monotonic() * factor,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}
