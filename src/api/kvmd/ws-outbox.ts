import type { Clock } from "../../core/clock.ts";
import { Mailbox } from "../../core/mailbox.ts";

/** The part of a `ws` socket that sending needs. */
export interface OutSocket {
  readonly readyState: number;
  readonly OPEN: number;
  readonly bufferedAmount: number;
  send(
    data: Uint8Array,
    options: { readonly binary: boolean },
    done: (error?: Error | null) => void,
  ): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** A reader with more unread bytes than this gets only the newest event of each kind. */
export const BUFFER_LIMIT = 256 * 1024;
/** A reader that takes nothing for this long while events wait is dropped. */
export const STUCK_AFTER_MS = 15_000;
/** How long a dropped reader may take to notice. */
const GOODBYE_MS = 1000;
/** RFC 6455 7.4.1: policy violation. */
const POLICY_VIOLATION = 1008;

const TEXT = { binary: false } as const;
const BINARY = { binary: true } as const;

interface Frame {
  readonly bytes: Uint8Array;
  readonly isBinary: boolean;
}

/**
 * What one client is told. A client that reads too slowly loses older events of each key instead of filling the
 * memory; one that does not read at all is sent away.
 */
export class WsOutbox {
  readonly #socket: OutSocket;
  readonly #clock: Clock;
  readonly #waiting = new Mailbox<string, Frame>();
  readonly #onSent: (error?: Error | null) => void;
  #sentCount = 0;
  #cancelWatch: (() => void) | undefined;

  constructor(socket: OutSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.#onSent = (error) => {
      if (error === undefined || error === null) this.#flush();
    };
  }

  /** Events waiting because the reader is behind. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** `bytes` may be shared between clients and must not change. A newer event of the same key replaces a waiting one. */
  send(key: string, bytes: Uint8Array, isBinary = false): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting.size === 0 && this.#socket.bufferedAmount <= BUFFER_LIMIT) {
      this.#socket.send(bytes, isBinary ? BINARY : TEXT, this.#onSent);
      return;
    }
    this.#waiting.post(key, { bytes, isBinary });
    this.#cancelWatch ??= this.#watch();
  }

  /** The socket is gone. */
  close(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
    this.#waiting.clear();
  }

  #flush(): void {
    this.#sentCount += 1;
    while (this.#waiting.size > 0 && this.#socket.bufferedAmount <= BUFFER_LIMIT) {
      const item = this.#waiting.take()?.item;
      if (item !== undefined) this.#put(item);
    }
    if (this.#waiting.size > 0) return;
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #put({ bytes, isBinary }: Frame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(bytes, isBinary ? BINARY : TEXT, this.#onSent);
  }

  /** Sends the reader away when nothing was taken in the whole period; a slow one that goes on reading may stay. */
  #watch(): () => void {
    const sentBefore = this.#sentCount;
    return this.#clock.setTimer(STUCK_AFTER_MS, () => {
      if (this.#sentCount !== sentBefore) {
        this.#cancelWatch = this.#watch();
        return;
      }
      this.#waiting.clear();
      this.#socket.close(POLICY_VIOLATION, "does not read");
      this.#cancelWatch = this.#clock.setTimer(GOODBYE_MS, () => this.#socket.terminate());
    });
  }
}
