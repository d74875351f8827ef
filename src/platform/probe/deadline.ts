import type { Clock } from "../../core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../core/errors.ts";
import type { ProbeLimits } from "./port.ts";

/** What an operation without an end of its own is given. */
export interface Attempt<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs something that answers by callbacks, for at most as long as allowed. `begin` starts it and returns how to take
 * it back, which is done in every case.
 */
export function withDeadline<T>(
  clock: Clock,
  limits: ProbeLimits,
  what: string,
  begin: (attempt: Attempt<T>) => () => void,
): Promise<T> {
  const { timeoutMs, signal } = limits;
  if (signal.aborted) return Promise.reject(new CancelledError());
  return new Promise((resolve, reject) => {
    let release: (() => void) | undefined;
    let isOver = false;
    const finish = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      release?.();
      settle();
    };
    const attempt: Attempt<T> = {
      resolve: (value) => {
        finish(() => {
          resolve(value);
        });
      },
      reject: (error) => {
        finish(() => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      },
    };
    const onAbort = (): void => {
      attempt.reject(new CancelledError());
    };
    const cancelTimer = clock.setTimer(timeoutMs, () => {
      attempt.reject(new ReplyTimeoutError(`${what} did not answer within ${timeoutMs} ms`));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    release = begin(attempt);
    // It may have ended while it began.
    if (isAlready(isOver)) release();
  });
}

/** Reads the flag afresh: the compiler does not see that a callback may have set it. */
function isAlready(flag: boolean): boolean {
  return flag;
}
