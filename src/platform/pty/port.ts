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

export interface PtyHost {
  /** Rejects with `MissingPartError` when the native addon is not installed. */
  open(options: PtyOptions): Promise<PtySession>;
}
