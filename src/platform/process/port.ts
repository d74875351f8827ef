import { AppError } from "../../core/errors.ts";
import type { Unsubscribe } from "../../core/store.ts";

/** Input for a program that has ended or closed its standard input. */
export class ProcessGoneError extends AppError {
  static readonly code = "PROCESS_GONE";
  constructor(message = "The program takes no more input", options?: ErrorOptions) {
    super("unavailable", ProcessGoneError.code, message, options);
  }
}

export interface RunOptions {
  /** Kills the process (SIGTERM, then SIGKILL) and rejects with `CancelledError`. */
  readonly signal?: AbortSignal;
  /** Kills and rejects with `ReplyTimeoutError`. Default 10 s. */
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  /** Added to what the program inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Output beyond this many bytes per stream is dropped. Default 1 MiB. */
  readonly maxOutputBytes?: number;
}

export interface RunResult {
  /** Exit status, or null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A running child. Its owner must `kill` it or await `exited`. */
export interface ChildProcessHandle {
  readonly pid: number;
  /** Resolves when the process is gone and its output was delivered; never rejects. */
  readonly exited: Promise<ProcessExit>;
  onStdout(listener: (bytes: Uint8Array) => void): Unsubscribe;
  onStderr(listener: (bytes: Uint8Array) => void): Unsubscribe;
  /** Stops and continues reading standard output, so that a slow consumer slows the child down. */
  pauseStdout(): void;
  resumeStdout(): void;
  /** Writes to standard input; resolves when handed over, rejects with `ProcessGoneError`. */
  write(bytes: Uint8Array | string): Promise<void>;
  endInput(): void;
  /** SIGTERM, and SIGKILL after `graceMs` (default 1 s). Resolves when the process is gone. */
  kill(graceMs?: number): Promise<ProcessExit>;
}

export interface ProcessRunner {
  /** Runs to the end. A missing program rejects with `MissingPartError`. Arguments are never interpreted by a shell. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a long-lived child; rejects with `MissingPartError` when the program is missing. */
  spawn(
    command: string,
    args: readonly string[],
    options?: {
      readonly env?: Readonly<Record<string, string>>;
      readonly cwd?: string;
      readonly uid?: number;
      readonly gid?: number;
    },
  ): Promise<ChildProcessHandle>;
  /** Absolute path of a program on PATH, or undefined. */
  which(command: string): Promise<string | undefined>;
}
