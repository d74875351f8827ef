import type { RunResult } from "../process/port.ts";
import type { PtySession } from "../pty/port.ts";

export interface WorkOptions {
  /** Account that it runs as; empty: that of this process, or `nobody` when that is root. */
  readonly user: string;
}

export interface WorkerRun extends WorkOptions {
  /** Given to a shell as its input. */
  readonly script: string;
  /** Everything it started is ended then; rejects with `ReplyTimeoutError`. */
  readonly timeoutMs: number;
  /** Likewise; rejects with `CancelledError`. */
  readonly signal: AbortSignal;
  /** Output beyond this many bytes per stream is dropped. */
  readonly maxOutputBytes: number;
}

/**
 * Work for somebody who is not trusted with this machine: never as root unless that account is named, in a session and
 * with an environment of its own, nothing of the daemon's. Rejects with `MissingPartError` when this process may not
 * become that account.
 */
export interface WorkerHost {
  run(options: WorkerRun): Promise<RunResult>;
  /** Also rejects with `MissingPartError` when the terminal addon is not installed. */
  openTerminal(
    options: WorkOptions & { readonly cols: number; readonly rows: number },
  ): Promise<PtySession>;
}
