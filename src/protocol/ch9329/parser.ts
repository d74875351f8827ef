import { PARAMETERS_SIZE } from "./commands.ts";
import {
  FRAME_OVERHEAD,
  HEADER_FIRST,
  HEADER_LENGTH,
  HEADER_SECOND,
  MAX_DATA_LENGTH,
  sumOf,
} from "./frame.ts";
import type { Ch9329Frame } from "./frame.ts";

/** What became of the received bytes; every byte ends in exactly one of these. */
export type Ch9329ParserResult =
  | { readonly type: "frame"; readonly frame: Ch9329Frame }
  /** A complete frame whose sum is wrong; its two header bytes are spent, the rest is searched for another header. */
  | { readonly type: "badSum"; readonly command: number }
  /** `expire()` met a frame that never became complete; its two header bytes are spent. Command 0 when not even that came. */
  | { readonly type: "truncated"; readonly command: number }
  /** Bytes outside any frame. */
  | { readonly type: "noise"; readonly length: number };

const BUFFER_SIZE = 256;
const PARAMETERS_REPLY = 0x88;
/** Whole lengths of GET_PARA_CFG answers: the documented one and two of the CH9329F, whose LEN byte may still say 50. */
const PARAMETERS_FRAME_LENGTHS: readonly number[] = [56, 72, 88];
const LONGEST_DATA_LENGTH = 88 - FRAME_OVERHEAD;
const HEADER_SIZE = 2;

/**
 * Finds frames of either direction in a byte stream of arbitrary chunks (CH9329 protocol, "Frame" and "Known problems").
 * Resynchronizes on the next header after garbage or a wrong sum; holds at most 256 bytes. Results are handed to the
 * callback synchronously and in order; frame data is a copy. The callback must not call the parser.
 */
export class Ch9329Parser {
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #onResult: (result: Ch9329ParserResult) => void;
  #length = 0;

  constructor(onResult: (result: Ch9329ParserResult) => void) {
    this.#onResult = onResult;
  }

  /** Bytes of an incomplete frame that wait for more. */
  get pending(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      const part = bytes.subarray(taken, taken + BUFFER_SIZE - this.#length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
      taken += part.length;
      this.#scan(false);
    }
  }

  /** The line has been silent for too long: gives up on the incomplete frame, but still finds complete ones behind its header. */
  expire(): void {
    this.#scan(true);
  }

  /** Consumes from the front whatever is decided; with `isFinal` nothing is left waiting. */
  #scan(isFinal: boolean): void {
    let position = 0;
    for (;;) {
      const start = this.#findHeader(position, isFinal);
      if (start > position) this.#onResult({ type: "noise", length: start - position });
      position = start;
      if (position >= this.#length) break;
      const consumed = this.#takeFrame(position, isFinal);
      if (consumed === 0) break;
      position += consumed;
    }
    this.#buffer.copyWithin(0, position, this.#length);
    this.#length -= position;
  }

  /** Index of the next header, of a trailing 57 that may become one, or the end. */
  #findHeader(from: number, isFinal: boolean): number {
    for (let index = from; index < this.#length; index += 1) {
      if (this.#buffer[index] !== HEADER_FIRST) continue;
      if (index + 1 === this.#length) return isFinal ? this.#length : index;
      if (this.#buffer[index + 1] === HEADER_SECOND) return index;
    }
    return this.#length;
  }

  /** Bytes consumed at `start`, where a header (or its first byte) stands; 0 = more bytes are needed. */
  #takeFrame(start: number, isFinal: boolean): number {
    const available = this.#length - start;
    const command = available > 3 ? (this.#buffer[start + 3] ?? 0) : 0;
    const total = available >= HEADER_LENGTH ? this.#frameLength(start, available) : undefined;
    if (total === "noise") {
      this.#onResult({ type: "badSum", command });
      return HEADER_SIZE;
    }
    if (total !== undefined && available >= total) {
      const data = this.#buffer.slice(start + HEADER_LENGTH, start + total - 1);
      const address = this.#buffer[start + 2] ?? 0;
      this.#onResult({ type: "frame", frame: { address, command, data } });
      return total;
    }
    if (!isFinal) return 0;
    this.#onResult({ type: "truncated", command });
    return HEADER_SIZE;
  }

  /** Whole length of the frame whose sum fits, undefined while undecided, "noise" when none can fit. */
  #frameLength(start: number, available: number): number | undefined | "noise" {
    const length = this.#buffer[start + 4] ?? 0;
    if (this.#buffer[start + 3] === PARAMETERS_REPLY) {
      if (length === PARAMETERS_SIZE) return this.#parametersLength(start, available);
    } else if (length > MAX_DATA_LENGTH) return "noise";
    const whole = length + FRAME_OVERHEAD;
    if (length > LONGEST_DATA_LENGTH) return "noise";
    if (available < whole) return undefined;
    return this.#isSumRight(start, whole) ? whole : "noise";
  }

  /** The form cannot be told from LEN: it is the first whose sum fits, unless a new frame begins behind a shorter one. */
  #parametersLength(start: number, available: number): number | undefined | "noise" {
    for (const whole of PARAMETERS_FRAME_LENGTHS) {
      if (available < whole) return undefined;
      if (this.#isSumRight(start, whole)) return whole;
      const next = start + whole;
      if (this.#buffer[next] !== HEADER_FIRST || next + 1 >= this.#length) continue;
      if (this.#buffer[next + 1] === HEADER_SECOND) return "noise";
    }
    return "noise";
  }

  #isSumRight(start: number, whole: number): boolean {
    return this.#buffer[start + whole - 1] === sumOf(this.#buffer, start, whole - 1);
  }
}
