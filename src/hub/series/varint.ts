// Whole numbers of any size that a double holds exactly, small ones in few bytes (seven bits each, zigzag for the sign).

export class VarintWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  unsigned(value: number): void {
    if (this.#length + 10 > this.#bytes.length) this.#grow(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest % 0x80) + 0x80;
      this.#length += 1;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  /** At most 2^52 in either direction. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** A copy of what was written; the writer begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #grow(room: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + room));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Throws `RangeError` beyond the end. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  unsigned(): number {
    const first = this.#bytes[this.#offset];
    // Most are small.
    if (first !== undefined && first < 0x80) {
      this.#offset += 1;
      return first;
    }
    return this.#long();
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  raw(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new RangeError("cut off");
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  #long(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined || factor > 2 ** 56) throw new RangeError("damaged number");
      this.#offset += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }
}
