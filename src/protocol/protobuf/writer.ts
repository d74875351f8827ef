const FIRST_SIZE = 64;
const MORE_BIT = 0x80;
const LOW_BITS = 0x7f;
const SMALL = 0x80;

const TEXT = new TextEncoder();

/** Builds one message (Protocol Buffers, Encoding). */
export class ProtoWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #length = 0;

  /** What has been written; valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  tag(field: number, wireType: number): void {
    this.varint32((field << 3) | wireType);
  }

  /** An unsigned number below 2^32. */
  varint32(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest >= SMALL) {
      this.#bytes[this.#length] = (rest & LOW_BITS) | MORE_BIT;
      this.#length += 1;
      rest >>>= 7;
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** 64 bits; negative values take ten bytes, as the format wants it. */
  varint64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    if (rest <= 0xffff_ffffn) {
      this.varint32(Number(rest));
      return;
    }
    this.#reserve(10);
    while (rest >= 0x80n) {
      this.#bytes[this.#length] = Number(rest & 0x7fn) | MORE_BIT;
      this.#length += 1;
      rest >>= 7n;
    }
    this.#bytes[this.#length] = Number(rest);
    this.#length += 1;
  }

  double(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** 32 bits: about seven digits. */
  float(value: number): void {
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  /** Length and content. */
  bytes(value: Uint8Array): void {
    this.varint32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  string(value: string): void {
    this.bytes(TEXT.encode(value));
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
