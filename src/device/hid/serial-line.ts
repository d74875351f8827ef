import { toHex } from "../../core/bytes.ts";
import type { Clock } from "../../core/clock.ts";
import { ReplyTimeoutError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { ByteLink } from "../../platform/serial/port.ts";

/** Finds replies in received bytes and hands them to the callback it was created with. */
export interface ReplyDecoder {
  push(bytes: Uint8Array): void;
  /** Gives up on an incomplete reply; may deliver complete ones that hid behind it. */
  expire(): void;
}

/** How one exchange ended. */
export type Outcome<R> =
  | { readonly type: "reply"; readonly reply: R }
  | { readonly type: "timeout" }
  | { readonly type: "lost"; readonly reason: Error | undefined };

/** How a chip's answers are read. `accepts` matches an answer with what the request expects. */
export interface ReplyRules<R> {
  createDecoder(onReply: (reply: R) => void): ReplyDecoder;
  accepts(expected: number, reply: R): boolean;
}

export interface SerialLineOptions<R> {
  readonly link: ByteLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rules: ReplyRules<R>;
  readonly replyTimeoutMs: number;
  /** The link closed while no exchange was under way. */
  readonly onLost?: (reason: Error | undefined) => void;
}

const TIMEOUT: Outcome<never> = { type: "timeout" };

/**
 * Lock-step over a link that it owns: one request, then its answer, a time-out, or the loss of the link - exactly one
 * outcome each, never synchronously unless the link is lost already. Answers that nobody waits for are discarded.
 */
export class SerialLine<R> {
  readonly #options: SerialLineOptions<R>;
  readonly #decoder: ReplyDecoder;
  readonly #release: (() => void)[];
  #waiting: ((outcome: Outcome<R>) => void) | undefined;
  #expected = 0;
  #cancelTimer: () => void = () => undefined;
  #isSending = false;
  /** An outcome that came before the operating system had taken the request. */
  #early: Outcome<R> | undefined;
  #lost: { readonly reason: Error | undefined } | undefined;

  constructor(options: SerialLineOptions<R>) {
    this.#options = options;
    this.#decoder = options.rules.createDecoder((reply) => {
      this.#onReply(reply);
    });
    this.#release = [
      options.link.onReceive((bytes) => {
        this.#onReceive(bytes);
      }),
      options.link.onClose((reason) => {
        this.#lose(reason);
      }),
    ];
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Hands the bytes to the link before it returns. Callers do not overlap exchanges. */
  exchange(bytes: Uint8Array, expected: number, onOutcome: (outcome: Outcome<R>) => void): void {
    if (this.#lost !== undefined) {
      onOutcome({ type: "lost", reason: this.#lost.reason });
      return;
    }
    this.flush();
    this.#waiting = onOutcome;
    this.#expected = expected;
    this.#trace("out", bytes);
    this.#isSending = true;
    this.#options.link.send(bytes).then(this.#onSent, this.#onSendFailed);
    this.#cancelTimer = this.#options.clock.setTimer(this.#options.replyTimeoutMs, this.#onTimeout);
  }

  /** The same as a promise. */
  ask(bytes: Uint8Array, expected: number): Promise<Outcome<R>> {
    return new Promise((resolve) => {
      this.exchange(bytes, expected, resolve);
    });
  }

  /** Discards what was received so far. */
  flush(): void {
    this.#decoder.expire();
  }

  /** Idempotent; resolves when the device is free. An exchange under way gets no outcome any more. */
  close(): Promise<void> {
    this.#cancelTimer();
    this.#waiting = undefined;
    this.#lost ??= { reason: undefined };
    for (const release of this.#release) release();
    return this.#options.link.close();
  }

  #onReceive(bytes: Uint8Array): void {
    this.#trace("in", bytes);
    this.#decoder.push(bytes);
  }

  #onReply(reply: R): void {
    const isWanted = this.#waiting !== undefined && this.#early === undefined;
    if (!isWanted || !this.#options.rules.accepts(this.#expected, reply)) return;
    this.#settle({ type: "reply", reply });
  }

  #settle(outcome: Outcome<R>): void {
    this.#cancelTimer();
    if (this.#isSending) {
      this.#early = outcome;
      return;
    }
    const onOutcome = this.#waiting;
    this.#waiting = undefined;
    onOutcome?.(outcome);
  }

  readonly #onSent = (): void => {
    this.#isSending = false;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#settle(early);
  };

  readonly #onSendFailed = (error: unknown): void => {
    this.#lose(error instanceof Error ? error : new Error(String(error)));
  };

  /** After a stall of this process the answer may be here already, behind the timer: it gets one more turn. */
  readonly #onTimeout = (): void => {
    this.#cancelTimer = this.#options.clock.setTimer(0, this.#onLate);
  };

  readonly #onLate = (): void => {
    this.#decoder.expire();
    if (this.#waiting === undefined || this.#early !== undefined) return;
    if (this.#isSending) {
      this.#lose(new ReplyTimeoutError(`${this.#options.link.name} does not take any bytes`));
    } else this.#settle(TIMEOUT);
  };

  #lose(reason: Error | undefined): void {
    if (this.#lost !== undefined) return;
    this.#lost = { reason };
    this.#isSending = false;
    if (this.#waiting === undefined) this.#options.onLost?.(reason);
    else this.#settle({ type: "lost", reason });
  }

  #trace(direction: "in" | "out", bytes: Uint8Array): void {
    const { log } = this.#options;
    if (log.isLevelEnabled("debug")) log.debug({ direction, bytes: toHex(bytes) }, "serial");
  }
}
