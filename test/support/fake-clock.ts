import type { Clock } from "../../src/core/clock.ts";

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /** Moves time, running due timers in order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Number of timers that wait. */
  readonly pending: number;
}

interface Timer {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** Lets every promise reaction that is already due run (several rounds of the microtask and immediate queues). */
export async function settle(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

export function fakeClock(startAt = Date.UTC(2026, 0, 2, 3, 4, 5)): FakeClock {
  let elapsed = 0;
  const timers = new Set<Timer>();
  const nextDue = (limit: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt <= limit && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  };
  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    setTimer(delayMs, callback) {
      const timer = { dueAt: elapsed + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async advance(ms) {
      const target = elapsed + ms;
      await settle();
      for (let timer = nextDue(target); timer !== undefined; timer = nextDue(target)) {
        timers.delete(timer);
        elapsed = timer.dueAt;
        timer.callback();
        await settle();
      }
      elapsed = target;
      await settle();
    },
    get pending() {
      return timers.size;
    },
  };
}
