import { AppError } from "../../core/errors.ts";

/** Bytes that are no message of the expected type: cut off, or a field of an impossible form. */
export class ProtobufError extends AppError {
  static readonly code = "PROTOBUF";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", ProtobufError.code, message, options);
  }
}

const MAX_FIELD_NUMBER = 0x1fff_ffff;
const LOW_BITS = 0x7f;
const MORE_BIT = 0x80;
/** Bits of the varint's bytes that fit a number without loss, before the slow path takes over. */
const QUICK_SHIFT = 28;
const MAX_SHIFT = 63;

const TEXT = new TextDecoder("utf-8", { fatal: true });

function invalidText(error: unknown): ProtobufError {
  return new ProtobufError("string field contains invalid UTF-8", { cause: error });
}

/** A cursor over one message (Protocol Buffers, Encoding). Every method throws `ProtobufError` at the end of the bytes. */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** The next varint as 64 bits. */
  varint(): bigint {
    const quick = this.#quickVarint();
    return quick === undefined ? this.#longVarint() : BigInt(quick);
  }

  /** The low 32 bits of the next varint, unsigned. */
  uint32(): number {
    const quick = this.#quickVarint();
    return quick ?? Number(BigInt.asUintN(32, this.#longVarint()));
  }

  /** Field number and wire type of the next field. */
  tag(): { readonly field: number; readonly wireType: number } {
    const tag = this.uint32();
    const field = tag >>> 3;
    if (field === 0 || field > MAX_FIELD_NUMBER) throw new ProtobufError("invalid field number");
    return { field, wireType: tag & 7 };
  }

  /** A length-delimited value, as a view into the message. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const end = this.#position + length;
    this.#demand(length);
    const part = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }

  string(): string {
    const part = this.bytes();
    try {
      return TEXT.decode(part);
    } catch (error) {
      throw invalidText(error);
    }
  }

  double(): number {
    this.#demand(8);
    const value = this.#view.getFloat64(this.#position, true);
    this.#position += 8;
    return value;
  }

  float(): number {
    this.#demand(4);
    const value = this.#view.getFloat32(this.#position, true);
    this.#position += 4;
    return value;
  }

  /** Passes over a field that this program does not know. */
  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#pass(8);
        return;
      case 2:
        this.bytes();
        return;
      case 5:
        this.#pass(4);
        return;
      default:
        throw new ProtobufError(`unsupported wire type ${wireType}`);
    }
  }

  #demand(length: number): void {
    if (this.#position + length > this.#bytes.length) throw new ProtobufError("unexpected end");
  }

  #pass(length: number): void {
    this.#demand(length);
    this.#position += length;
  }

  /** The next varint when it has at most four bytes; else undefined, and nothing is consumed. */
  #quickVarint(): number | undefined {
    let value = 0;
    let position = this.#position;
    for (let shift = 0; shift < QUICK_SHIFT; shift += 7) {
      const byte = this.#bytes[position];
      if (byte === undefined) throw new ProtobufError("unexpected end");
      position += 1;
      value |= (byte & LOW_BITS) << shift;
      if (byte < MORE_BIT) {
        this.#position = position;
        return value;
      }
    }
    return undefined;
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let shift = 0; shift <= MAX_SHIFT; shift += 7) {
      this.#demand(1);
      const byte = this.#bytes[this.#position] ?? 0;
      this.#position += 1;
      value |= BigInt(byte & LOW_BITS) << BigInt(shift);
      if (byte < MORE_BIT) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("varint is longer than ten bytes");
  }
}
