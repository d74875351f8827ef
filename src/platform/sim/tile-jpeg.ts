/**
 * A JPEG writer for pictures made of few different squares, such as a text screen: every square of 8 by 8 gray pixels is
 * transformed once, and a picture only strings the results together. Baseline sequential, one component (ITU-T T.81);
 * the Huffman tables are our own, which the format allows. A general encoder in JavaScript takes fifty times as long.
 */
import { clamp } from "../../core/bytes.ts";

export const TILE_SIZE = 8;
const CELLS = TILE_SIZE * TILE_SIZE;
/** Longest code of an AC symbol; the end of block has the only shorter one. */
const AC_BITS = 9;
const DC_BITS = 4;
const DC_SYMBOLS = 12;
/** The largest that ten bits hold, which is what the AC symbols go up to. */
const MAX_VALUE = 1023;
const END_OF_BLOCK = 0x00;
const SIXTEEN_ZEROS = 0xf0;

/** A square, transformed and coded for one quality. */
export interface Tile {
  readonly dc: number;
  /** Codes and their lengths in bits, in turn. */
  readonly codes: readonly number[];
}

/** Place of each coefficient in the order of transmission. */
function zigzag(): readonly number[] {
  const order = Array.from({ length: CELLS }, (_, index) => index);
  const diagonal = (index: number): number => (index >> 3) + (index & 7);
  const along = (index: number): number =>
    diagonal(index) % 2 === 0 ? index & 7 : 7 - (index & 7);
  return order.sort((a, b) => diagonal(a) - diagonal(b) || along(a) - along(b));
}

const ZIGZAG = zigzag();

const COSINES = Array.from({ length: CELLS }, (_, index) => {
  const [frequency, place] = [index >> 3, index & 7];
  const scale = frequency === 0 ? Math.SQRT1_2 : 1;
  return (scale / 2) * Math.cos(((2 * place + 1) * frequency * Math.PI) / 16);
});

/** One direction of the transform, turning rows into columns. */
function transformRows(values: readonly number[]): number[] {
  return Array.from({ length: CELLS }, (_, index) => {
    const [frequency, row] = [index >> 3, index & 7];
    let sum = 0;
    for (let place = 0; place < 8; place += 1) {
      sum += (values[row * 8 + place] ?? 0) * (COSINES[frequency * 8 + place] ?? 0);
    }
    return sum;
  });
}

/** AC symbols in the order of their codes: every run of 0 to 15 zeros with every size of 1 to 10 bits. */
const AC_SYMBOLS = [
  ...Array.from({ length: 160 }, (_, index) => ((index / 10) << 4) | ((index % 10) + 1)),
  SIXTEEN_ZEROS,
];
/** The one-bit code 0 is the end of block; the others follow from 10000000 0 on. */
const AC_CODES = new Map(AC_SYMBOLS.map((symbol, index) => [symbol, (1 << (AC_BITS - 1)) + index]));

function sizeOf(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

/** The bits of a value after its size: negative ones as the ones' complement. */
function amplitude(value: number, size: number): number {
  return value >= 0 ? value : value + (1 << size) - 1;
}

function acCodes(coefficients: readonly number[]): readonly number[] {
  const codes: number[] = [];
  let zeros = 0;
  for (const value of coefficients.slice(1)) {
    if (value === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 15; zeros -= 16) codes.push(AC_CODES.get(SIXTEEN_ZEROS) ?? 0, AC_BITS);
    const size = sizeOf(value);
    codes.push(AC_CODES.get((zeros << 4) | size) ?? 0, AC_BITS, amplitude(value, size), size);
    zeros = 0;
  }
  if (zeros > 0) codes.push(0, 1);
  return codes;
}

/** Divisors in the order of transmission; coarser for fine detail and for lower quality (1..100). */
function divisorsFor(quality: number): readonly number[] {
  const coarseness = (100 - clamp(quality, 1, 100)) / 8;
  return ZIGZAG.map((index) => {
    const detail = (index >> 3) + (index & 7) + 1;
    return clamp(Math.round(1 + coarseness * detail * 0.6), 1, 255);
  });
}

/** Bits into bytes, with the zero that has to follow a byte of ones. */
class BitSink {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  #held = 0;
  #count = 0;

  write(code: number, bits: number): void {
    this.#held = (this.#held << bits) | code;
    this.#count += bits;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#put((this.#held >> this.#count) & 0xff);
    }
    this.#held &= (1 << this.#count) - 1;
  }

  /** Fills up the last byte and takes everything; the bytes are a copy. */
  finish(head: Uint8Array): Buffer {
    if (this.#count > 0) this.write((1 << (8 - this.#count)) - 1, 8 - this.#count);
    const all = Buffer.concat([
      head,
      this.#bytes.subarray(0, this.#length),
      Uint8Array.of(0xff, 0xd9),
    ]);
    this.#length = 0;
    return all;
  }

  #put(byte: number): void {
    if (this.#length + 2 > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    this.#bytes[this.#length] = byte;
    this.#length += 1;
    if (byte !== 0xff) return;
    this.#bytes[this.#length] = 0;
    this.#length += 1;
  }
}

function segment(marker: number, payload: readonly number[]): readonly number[] {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...payload];
}

function countsOf(...lengths: readonly (readonly [bits: number, symbols: number])[]): number[] {
  const counts = Array.from({ length: 16 }, () => 0);
  for (const [bits, symbols] of lengths) counts[bits - 1] = symbols;
  return counts;
}

function fileHead(columns: number, rows: number, divisors: readonly number[]): Uint8Array {
  const [width, height] = [columns * TILE_SIZE, rows * TILE_SIZE];
  const dcValues = Array.from({ length: DC_SYMBOLS }, (_, index) => index);
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  const acCounts = countsOf([1, 1], [AC_BITS, AC_SYMBOLS.length]);
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...divisors]),
    ...segment(0xc0, [8, ...size, 1, 1, 0x11, 0]),
    ...segment(0xc4, [0x00, ...countsOf([DC_BITS, DC_SYMBOLS]), ...dcValues]),
    ...segment(0xc4, [0x10, ...acCounts, END_OF_BLOCK, ...AC_SYMBOLS]),
    ...segment(0xda, [1, 1, 0, 0, 63, 0]),
  ]);
}

/** Writes pictures of one size and quality. */
export class TileJpeg {
  readonly #divisors: readonly number[];
  readonly #head: Uint8Array;
  readonly #sink = new BitSink();

  constructor(columns: number, rows: number, quality: number) {
    this.#divisors = divisorsFor(quality);
    this.#head = fileHead(columns, rows, this.#divisors);
  }

  /** Codes a square of 64 gray values, row by row. Costs far more than using it. */
  tile(pixels: ArrayLike<number>): Tile {
    const shifted = Array.from(pixels, (value) => value - 128);
    const spectrum = transformRows(transformRows(shifted));
    const coefficients = ZIGZAG.map((index, place) => {
      const value = Math.round((spectrum[index] ?? 0) / (this.#divisors[place] ?? 1));
      return clamp(value, -MAX_VALUE, MAX_VALUE);
    });
    return { dc: coefficients[0] ?? 0, codes: acCodes(coefficients) };
  }

  /** The picture of these squares, row by row. */
  encode(tiles: readonly Tile[]): Buffer {
    const sink = this.#sink;
    let previous = 0;
    for (const { dc, codes } of tiles) {
      const step = dc - previous;
      previous = dc;
      const size = sizeOf(step);
      sink.write(size, DC_BITS);
      if (size > 0) sink.write(amplitude(step, size), size);
      for (let at = 0; at < codes.length; at += 2) sink.write(codes[at] ?? 0, codes[at + 1] ?? 0);
    }
    return sink.finish(this.#head);
  }
}
