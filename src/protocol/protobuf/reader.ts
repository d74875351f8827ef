import { BinaryReader } from "@bufbuild/protobuf/wire";
import { AppError } from "../../core/errors.ts";
import { wireTypeOf } from "./wire-type.ts";

/** Bytes that are no message of the expected type: cut off, or a field of an impossible form. */
export class ProtobufError extends AppError {
  static readonly code = "PROTOBUF";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", ProtobufError.code, message, options);
  }
}

const TEXT = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return TEXT.decode(bytes);
  } catch (error) {
    throw new ProtobufError("string field contains invalid UTF-8", { cause: error });
  }
}

/** A cursor over one message. Every method throws `ProtobufError` where the bytes are none. */
export class ProtoReader {
  readonly #reader: BinaryReader;

  constructor(bytes: Uint8Array) {
    this.#reader = new BinaryReader(bytes, decodeText);
  }

  get isAtEnd(): boolean {
    return this.#reader.pos >= this.#reader.len;
  }

  /** The next varint as 64 bits. */
  varint(): bigint {
    return BigInt(this.#read((reader) => reader.uint64()));
  }

  /** The low 32 bits of the next varint, unsigned. */
  uint32(): number {
    return this.#read((reader) => reader.uint32());
  }

  /** Field number and wire type of the next field. */
  tag(): { readonly field: number; readonly wireType: number } {
    const [field, wireType] = this.#read((reader) => reader.tag());
    return { field, wireType };
  }

  /** A length-delimited value, as a view into the message. */
  bytes(): Uint8Array {
    return this.#read((reader) => reader.bytes());
  }

  string(): string {
    return this.#read((reader) => reader.string());
  }

  double(): number {
    return this.#read((reader) => reader.double());
  }

  float(): number {
    return this.#read((reader) => reader.float());
  }

  /** Passes over a field that this program does not know. */
  skip(wireType: number): void {
    const type = wireTypeOf(wireType);
    if (type === undefined) throw new ProtobufError(`unsupported wire type ${wireType}`);
    this.#read((reader) => reader.skip(type));
  }

  #read<T>(take: (reader: BinaryReader) => T): T {
    try {
      const value = take(this.#reader);
      if (this.#reader.pos > this.#reader.len) throw new ProtobufError("unexpected end");
      return value;
    } catch (error) {
      if (error instanceof ProtobufError) throw error;
      const reason = error instanceof Error ? error.message : "malformed message";
      throw new ProtobufError(reason, { cause: error });
    }
  }
}
