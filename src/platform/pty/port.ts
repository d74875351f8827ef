import type { Unsubscribe } from "../../core/store.ts";

export interface PtyOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cols: number;
  readonly rows: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program on a pseudo-terminal. Its owner must `close` it. */
export interface PtySession {
  readonly pid: number;
  onData(listener: (bytes: Uint8Array) => void): Unsubscribe;
  onExit(listener: (exitCode: number) => void): Unsubscribe;
  write(data: string | Uint8Array): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Hangs up and waits for the end. Idempotent. */
  close(): Promise<void>;
}

/** A person's shell. */
export interface ShellOptions {
  /** Account that it runs as; empty: that of this process. */
  readonly user: string;
  /** Program and arguments; empty: the account's login shell. */
  readonly command: readonly string[];
  readonly cols: number;
  readonly rows: number;
}

export interface PtyHost {
  /** Rejects with `MissingPartError` when the native addon is not installed. */
  open(options: PtyOptions): Promise<PtySession>;
  /**
   * The shell gets an environment of its own, nothing of the daemon's. Rejects with `MissingPartError` also when this
   * process may not become that user.
   */
  openShell(options: ShellOptions): Promise<PtySession>;
}
