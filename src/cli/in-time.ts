import type { Clock } from "../core/clock.ts";

export interface Deadline {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Called when the work is not done by then; it goes on all the same. */
  readonly onLate: () => void;
}

/** Waits for the work, however it ends; once it has ended, nobody is told that it was late. */
export async function inTime(
  { clock, limitMs, onLate }: Deadline,
  work: () => Promise<void>,
): Promise<void> {
  const cancel = clock.setTimer(limitMs, onLate);
  try {
    await work();
  } finally {
    cancel();
  }
}
