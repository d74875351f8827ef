import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { wireTypeOf } from "./wire-type.ts";

/** Builds one message. */
export class ProtoWriter {
  readonly #writer = new BinaryWriter();

  /** What has been written; the writer is empty afterwards. */
  finish(): Uint8Array {
    return this.#writer.finish();
  }

  tag(field: number, wireType: number): void {
    const type = wireTypeOf(wireType);
    if (type === undefined) throw new RangeError(`unsupported wire type ${wireType}`);
    this.#writer.tag(field, type);
  }

  /** An unsigned number below 2^32. */
  varint32(value: number): void {
    this.#writer.uint32(value >>> 0);
  }

  /** 64 bits; negative values take ten bytes, as the format wants it. */
  varint64(value: bigint): void {
    this.#writer.uint64(BigInt.asUintN(64, value));
  }

  double(value: number): void {
    this.#writer.double(value);
  }

  /** 32 bits: about seven digits. Values beyond their range become infinite. */
  float(value: number): void {
    this.#writer.float(Math.fround(value));
  }

  /** Length and content. */
  bytes(value: Uint8Array): void {
    this.#writer.bytes(value);
  }

  string(value: string): void {
    this.#writer.string(value);
  }
}
