import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Clock } from "../../core/clock.ts";
import type { Unsubscribe } from "../../core/store.ts";
import { ProcessGoneError } from "./port.ts";
import type { ChildProcessHandle, ProcessExit } from "./port.ts";

const DEFAULT_GRACE_MS = 1000;
/** A grandchild may hold the pipes open for ever; after the child's end they are read this much longer. */
const LINGER_MS = 500;

/** A child process that has been started. */
export class NodeChild implements ChildProcessHandle {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #stdout = new Set<(bytes: Uint8Array) => void>();
  readonly #stderr = new Set<(bytes: Uint8Array) => void>();
  #hasExited = false;
  #isPaused = false;
  #cancelLinger = (): void => undefined;

  constructor(child: ChildProcessWithoutNullStreams, clock: Clock) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#clock = clock;
    child.stdout.on("data", (chunk: Buffer) => {
      for (const listener of this.#stdout) listener(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      for (const listener of this.#stderr) listener(chunk);
    });
    // A closed pipe is told to whoever writes; a failed signal shows as a child that stays.
    child.stdin.on("error", () => undefined);
    child.on("error", () => undefined);
    child.once("exit", () => {
      this.#hasExited = true;
      this.#linger();
    });
    this.exited = new Promise((resolve) => {
      child.once("close", (exitCode, signal) => {
        this.#cancelLinger();
        resolve({ exitCode, signal });
      });
    });
  }

  onStdout(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.#stdout.add(listener);
    return () => {
      this.#stdout.delete(listener);
    };
  }

  onStderr(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.#stderr.add(listener);
    return () => {
      this.#stderr.delete(listener);
    };
  }

  pauseStdout(): void {
    this.#isPaused = true;
    this.#child.stdout.pause();
  }

  resumeStdout(): void {
    this.#isPaused = false;
    this.#child.stdout.resume();
  }

  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.stdin.write(bytes, (cause) => {
        if (cause) reject(new ProcessGoneError(undefined, { cause }));
        else resolve();
      });
    });
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  async kill(graceMs = DEFAULT_GRACE_MS): Promise<ProcessExit> {
    // Output that waits for a paused reader would keep the end from being told.
    this.resumeStdout();
    if (this.#hasExited) return this.exited;
    this.#child.kill("SIGTERM");
    const cancel = this.#clock.setTimer(graceMs, () => {
      if (!this.#hasExited) this.#child.kill("SIGKILL");
    });
    const exit = await this.exited;
    cancel();
    return exit;
  }

  #linger(): void {
    this.#cancelLinger = this.#clock.setTimer(LINGER_MS, () => {
      if (this.#isPaused) {
        this.#linger();
        return;
      }
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    });
  }
}
