// The protobuf wire format, as far as the messages of Nezha need it (Protocol Buffers encoding document): varints,
// 64-bit and 32-bit little-endian numbers, length-delimited parts. Groups are refused: proto3 has none.
import { AppError } from "../../core/errors.ts";

/** A message from the other side that is not protobuf, or a JSON body or frame without its promised content. */
export class NezhaFormatError extends AppError {
  static readonly code = "NEZHA_FORMAT";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", NezhaFormatError.code, message, options);
  }
}

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The largest number below 2^64 that a JavaScript number holds. */
const MAX_UINT64 = 2 ** 64 - 2048;
const FIRST_CAPACITY = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends to a growing buffer. */
export class WireWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Whatever is not a positive number becomes 0; fractions are dropped. */
  varint(value: number): void {
    let rest = value > 0 ? Math.min(Math.floor(value), MAX_UINT64) : 0;
    this.#reserve(10);
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) | 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  /** Length and content. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Half a surrogate pair becomes U+FFFD: the other side refuses text that is not UTF-8. */
  text(value: string): void {
    this.bytes(encoder.encode(value));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads one message. Every method throws `NezhaFormatError` when the bytes end too early or make no sense. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** Exact up to 2^53, the nearest number above. */
  varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) throw new NezhaFormatError("The message ends inside a number");
      this.#offset += 1;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new NezhaFormatError("The message contains a number of more than ten bytes");
  }

  /** Field number and wire type of what follows. */
  tag(): { readonly field: number; readonly wireType: number } {
    const value = this.varint();
    const field = Math.floor(value / 8);
    if (field === 0 || field >= 2 ** 29) {
      throw new NezhaFormatError("The message contains a field number out of range");
    }
    return { field, wireType: value % 8 };
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** A view of the message, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  skip(wireType: number): void {
    if (wireType === WIRE.varint) this.varint();
    else if (wireType === WIRE.fixed64) this.#take(8);
    else if (wireType === WIRE.fixed32) this.#take(4);
    else if (wireType === WIRE.bytes) this.bytes();
    else throw new NezhaFormatError(`The message contains the unknown wire type ${wireType}`);
  }

  #take(count: number): number {
    const start = this.#offset;
    if (count > this.#bytes.length - start) throw new NezhaFormatError("The message is cut off");
    this.#offset += count;
    return start;
  }
}
