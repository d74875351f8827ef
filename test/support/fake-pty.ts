import { MissingPartError } from "../../src/core/errors.ts";
import type { PtyHost, PtySession, ShellOptions } from "../../src/platform/pty/port.ts";

/** A shell that does what the test says. */
export interface FakeShell {
  readonly typed: readonly string[];
  readonly size: readonly [number, number];
  readonly isPaused: boolean;
  readonly isClosed: boolean;
  print(text: string): void;
  exit(code: number): void;
}

export interface FakePty {
  readonly host: PtyHost;
  readonly sessions: readonly FakeShell[];
}

class Shell implements FakeShell, PtySession {
  readonly pid = 4711;
  readonly typed: string[] = [];
  size: readonly [number, number];
  isPaused = false;
  isClosed = false;
  readonly #readers = new Set<(bytes: Uint8Array) => void>();
  readonly #exits = new Set<(code: number) => void>();

  constructor({ cols, rows }: ShellOptions) {
    this.size = [cols, rows];
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#readers.add(listener);
    return () => {
      this.#readers.delete(listener);
    };
  }

  onExit(listener: (code: number) => void): () => void {
    this.#exits.add(listener);
    return () => {
      this.#exits.delete(listener);
    };
  }

  write(data: string | Uint8Array): void {
    this.typed.push(Buffer.from(data).toString());
  }

  resize(cols: number, rows: number): void {
    this.size = [cols, rows];
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  print(text: string): void {
    for (const read of this.#readers) read(Buffer.from(text));
  }

  exit(code: number): void {
    for (const exited of this.#exits) exited(code);
  }
}

/** A machine whose shells are in the test's hands. */
export function fakePty(): FakePty {
  const sessions: Shell[] = [];
  return {
    sessions,
    host: {
      open: () => Promise.reject(new MissingPartError("only shells here")),
      openShell(options) {
        const shell = new Shell(options);
        sessions.push(shell);
        return Promise.resolve(shell);
      },
    },
  };
}
