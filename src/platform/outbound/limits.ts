import type { Clock } from "../../core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../core/errors.ts";

export interface LimitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Aborts on the caller's signal and when time is up; `stopped` says why. */
export class Limits {
  readonly controller = new AbortController();
  stopped: Error | undefined;
  readonly #release: () => void;

  constructor(host: string, { timeoutMs, signal }: LimitOptions, clock: Clock) {
    const stop = (reason: Error): void => {
      this.stopped ??= reason;
      this.controller.abort();
    };
    const onAbort = (): void => {
      stop(new CancelledError());
    };
    const cancel = clock.setTimer(timeoutMs, () => {
      stop(new ReplyTimeoutError(`${host} did not answer within ${timeoutMs} ms`));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#release = () => {
      cancel();
      signal.removeEventListener("abort", onAbort);
    };
  }

  /** The work, or the reason for which it was stopped. */
  race<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.controller;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(this.stopped ?? new CancelledError());
      };
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      work.then(resolve, reject).finally(() => {
        signal.removeEventListener("abort", onAbort);
      });
    });
  }

  close(): void {
    this.#release();
  }
}
