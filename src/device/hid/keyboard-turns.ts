import { AppError, CancelledError } from "../../core/errors.ts";

/** Too many texts or shortcuts wait to be typed already. */
export class HidBusyError extends AppError {
  static readonly code = "HID_BUSY";
  constructor(options?: ErrorOptions) {
    super("busy", HidBusyError.code, "Too many texts wait to be typed", options);
  }
}

/** Lets one sequence of key events run at a time, in order of arrival. */
export interface Turns {
  /**
   * Resolves with the function that ends the turn; calling it again does nothing. Rejects with `CancelledError` when
   * aborted while waiting, with `HidBusyError` when too many wait.
   */
  take(signal?: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly start: () => void;
}

export function createTurns(maxWaiting: number): Turns {
  const waiting: Waiter[] = [];
  let isTaken = false;

  const release = (): (() => void) => {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = waiting.shift();
      if (next === undefined) isTaken = false;
      else next.start();
    };
  };

  const wait = (signal: AbortSignal | undefined): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(new CancelledError());
      };
      const waiter: Waiter = {
        start() {
          signal?.removeEventListener("abort", onAbort);
          resolve(release());
        },
      };
      waiting.push(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  return {
    take(signal) {
      if (signal?.aborted === true) return Promise.reject(new CancelledError());
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve(release());
      }
      if (waiting.length >= maxWaiting) return Promise.reject(new HidBusyError());
      return wait(signal);
    },
  };
}
