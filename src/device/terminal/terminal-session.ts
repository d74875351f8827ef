import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { PtySession } from "../../platform/pty/port.ts";

/** `exited`: the shell ended. `left`: the caller closed. `idle`: nothing was typed. `stopped`: the device stops. */
export type TerminalEndReason = "exited" | "left" | "idle" | "stopped";

export interface TerminalEnd {
  readonly reason: TerminalEndReason;
  /** Of the shell, when it ended by itself. */
  readonly exitCode: number | undefined;
}

export interface TerminalSessionOptions {
  readonly shell: PtySession;
  readonly request: {
    readonly user: string;
    readonly address: string;
    onData(bytes: Uint8Array): void;
    onEnd(end: TerminalEnd): void;
  };
  readonly clock: Clock;
  readonly log: Logger;
  /** 0: never ended for being idle. */
  readonly idleMs: number;
}

/** One shell and its log records: one at the start, one at the end. */
export class TerminalSession {
  readonly #options: TerminalSessionOptions;
  readonly #log: Logger;
  readonly #startedAt: number;
  readonly #ended = new AbortController();
  #typedAt: number;
  #cancelIdle = (): void => undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TerminalSessionOptions) {
    const { shell, request, clock, log } = options;
    const { user, address } = request;
    this.#options = options;
    this.#startedAt = this.#typedAt = clock.monotonic();
    this.#log = log.child({ user, address, pid: shell.pid });
    this.#log.info({}, "Terminal opened");
    shell.onData((bytes) => {
      if (!this.ended.aborted) request.onData(bytes);
    });
    shell.onExit((exitCode) => {
      this.#end({ reason: "exited", exitCode });
    });
    this.#watchIdle(options.idleMs);
  }

  /** Aborted when it is over. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Types; ignored when the session is over. */
  write(bytes: Uint8Array): void {
    if (this.ended.aborted) return;
    this.#typedAt = this.#options.clock.monotonic();
    this.#options.shell.write(bytes);
  }

  /** Sizes outside of what a terminal can have are brought into range. */
  resize(cols: number, rows: number): void {
    if (!this.ended.aborted) this.#options.shell.resize(cols, rows);
  }

  /** Holds the shell's output back, in the end the shell itself. */
  pause(): void {
    if (!this.ended.aborted) this.#options.shell.pause();
  }

  resume(): void {
    if (!this.ended.aborted) this.#options.shell.resume();
  }

  /** Hangs up and waits until the shell is gone. Idempotent. */
  close(reason: Exclude<TerminalEndReason, "exited"> = "left"): Promise<void> {
    this.#end({ reason, exitCode: undefined });
    this.#closing ??= this.#options.shell.close();
    return this.#closing;
  }

  /** One timer at a time, whatever is typed. */
  #watchIdle(delayMs: number): void {
    const { clock, idleMs } = this.#options;
    if (idleMs === 0) return;
    this.#cancelIdle = clock.setTimer(delayMs, () => {
      const leftMs = this.#typedAt + idleMs - clock.monotonic();
      if (leftMs > 0) this.#watchIdle(leftMs);
      else void this.close("idle");
    });
  }

  #end(end: TerminalEnd): void {
    if (this.ended.aborted) return;
    this.#cancelIdle();
    const { clock, request } = this.#options;
    const seconds = Math.round((clock.monotonic() - this.#startedAt) / 1000);
    this.#log.info({ ...end, seconds }, "Terminal closed");
    this.#ended.abort();
    request.onEnd(end);
  }
}
