import { systemClock } from "../../src/core/clock.ts";
import type { Clock } from "../../src/core/clock.ts";

/**
 * Real time, but `factor` times as fast: for what waits for seconds between real sockets. It begins `behindMs` before the
 * present, so that what is written down meanwhile is in the past of those who have the real time.
 */
export function quickClock(factor: number, behindMs = 0): Clock {
  const startedAt = Date.now();
  return {
    now: () => startedAt - behindMs + (Date.now() - startedAt) * factor,
    monotonic: () => systemClock.monotonic() * factor,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}
