import type { Clock } from "../../core/clock.ts";
import type { ByteLink } from "../serial/port.ts";
import type { ChipFaults } from "./chip-faults.ts";

/** Replies that wait for their time; a host that does not wait for answers loses those beyond. */
const MAX_PENDING = 32;
/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** From the last byte of a request to the first of its answer. */
const TURNAROUND_MS = 1;

export interface ReplyLineOptions {
  readonly clock: Clock;
  readonly faults: ChipFaults;
  readonly link: ByteLink;
  /** Bytes per second are limited as on a real wire of this speed; undefined = replies are immediate. */
  readonly baudRate: number | undefined;
}

/** The chip's sending half: sends replies in order, late, split, damaged or not at all, as the faults say. */
export class ReplyLine {
  readonly #options: ReplyLineOptions;
  readonly #timers = new Set<() => void>();
  #sent = 0;
  #busyUntil = 0;

  constructor(options: ReplyLineOptions) {
    this.#options = options;
  }

  /** `requestLength` is what the wire had to carry before the reply. */
  send(reply: Uint8Array, requestLength: number): void {
    const { faults } = this.#options;
    if (faults.silent) return;
    this.#sent += 1;
    if (faults.dropEveryNth > 0 && this.#sent % faults.dropEveryNth === 0) return;
    const last = reply.length - 1;
    if (faults.corruptChecksum) reply[last] = (reply[last] ?? 0) ^ 0xff;
    const delayMs = faults.delayMs + this.#wireMs(requestLength + reply.length);
    if (delayMs === 0 && this.#timers.size === 0) this.#sendPieces(reply);
    else if (this.#timers.size < MAX_PENDING) {
      this.#later(delayMs, () => {
        this.#sendPieces(reply);
      });
    }
  }

  /** Forgets replies that wait. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #wireMs(bytes: number): number {
    const { baudRate, clock } = this.#options;
    if (baudRate === undefined) return 0;
    const now = clock.monotonic();
    const carryMs = TURNAROUND_MS + (bytes * BITS_PER_BYTE * 1000) / baudRate;
    this.#busyUntil = Math.max(now, this.#busyUntil) + carryMs;
    return this.#busyUntil - now;
  }

  #sendPieces(reply: Uint8Array): void {
    const { splitAt, splitGapMs } = this.#options.faults;
    if (splitAt <= 0 || splitAt >= reply.length) {
      this.#write(reply);
      return;
    }
    this.#write(reply.subarray(0, splitAt));
    this.#later(splitGapMs, () => {
      this.#write(reply.subarray(splitAt));
    });
  }

  #later(delayMs: number, action: () => void): void {
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      action();
    });
    this.#timers.add(cancel);
  }

  #write(bytes: Uint8Array): void {
    // A host that closed its end hears nothing more; the link reports its own end.
    this.#options.link.send(bytes).catch(() => undefined);
  }
}
