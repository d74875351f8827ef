/**
 * Classic crypt(3): DES with salted expansion, twenty-five times over a block of zeros (FIPS 46-3 tables). Only the
 * first eight characters of a password count. Kept because old password files carry it; never written.
 */
import { timingSafeEqual } from "node:crypto";
import { encodeBlock, valueOf } from "./crypt-base64.ts";

const IP_INVERSE_COLUMNS = [40, 8, 48, 16, 56, 24, 64, 32];
const FINAL = Array.from(
  { length: 64 },
  (_, index) => (IP_INVERSE_COLUMNS[index % 8] ?? 0) - Math.floor(index / 8),
);

const EXPANSION = Array.from({ length: 48 }, (_, index) => {
  const row = Math.floor(index / 6);
  return ((row * 4 + (index % 6) + 31) % 32) + 1;
});

const PERMUTATION = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13,
  30, 6, 22, 11, 4, 25,
];

const PC1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60,
  52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21,
  13, 5, 28, 20, 12, 4,
];

const PC2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52,
  31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];

const SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];

/** One hexadecimal digit an output, four rows of sixteen a box. */
const SUBSTITUTION = [
  "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
  "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
  "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
  "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
  "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
  "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
  "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
  "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b",
].map((box) => Array.from(box.replaceAll(" ", ""), (digit) => Number.parseInt(digit, 16)));

const PATTERN = /^[./0-9A-Za-z]{13}$/;

type Bits = Uint8Array;

function pick(bits: Bits, places: readonly number[]): Bits {
  return Uint8Array.from(places, (place) => bits[place - 1] ?? 0);
}

function rotate(half: Bits, by: number): Bits {
  return Uint8Array.from(half, (_, index) => half[(index + by) % half.length] ?? 0);
}

/** Seven bits of each of the first eight characters, each followed by a parity bit that is never looked at. */
function keyBits(password: string): Bits {
  const bits = new Uint8Array(64);
  const bytes = Buffer.from(password).subarray(0, 8);
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 7; bit += 1) bits[index * 8 + bit] = (byte >> (6 - bit)) & 1;
  }
  return bits;
}

function roundKeys(password: string): Bits[] {
  const key = pick(keyBits(password), PC1);
  let left = key.subarray(0, 28);
  let right = key.subarray(28);
  return SHIFTS.map((by) => {
    left = rotate(left, by);
    right = rotate(right, by);
    return pick(Uint8Array.of(...left, ...right), PC2);
  });
}

/** The expansion with entries `i` and `i + 24` exchanged for every bit `i` of the salt. */
function saltedExpansion(salt: string): number[] {
  const table = [...EXPANSION];
  for (const [position, character] of salt.split("").entries()) {
    const value = valueOf(character);
    for (let bit = 0; bit < 6; bit += 1) {
      if (((value >> bit) & 1) === 0) continue;
      const at = position * 6 + bit;
      const low = table[at] ?? 0;
      table[at] = table[at + 24] ?? 0;
      table[at + 24] = low;
    }
  }
  return table;
}

function substitute(mixed: Bits): Bits {
  const out = new Uint8Array(32);
  for (let box = 0; box < 8; box += 1) {
    const bit = (index: number): number => mixed[box * 6 + index] ?? 0;
    const row = bit(0) * 2 + bit(5);
    const column = bit(1) * 8 + bit(2) * 4 + bit(3) * 2 + bit(4);
    const value = SUBSTITUTION[box]?.[row * 16 + column] ?? 0;
    for (let index = 0; index < 4; index += 1) out[box * 4 + index] = (value >> (3 - index)) & 1;
  }
  return pick(out, PERMUTATION);
}

/** The sixteen rounds without the outer permutations, which cancel each other between repetitions. */
function encrypt(halves: readonly [Bits, Bits], keys: readonly Bits[], expansion: number[]) {
  let [left, right] = halves;
  for (const key of keys) {
    const mixed = pick(right, expansion).map((bit, index) => bit ^ (key[index] ?? 0));
    const scrambled = substitute(mixed);
    const next = left.map((bit, index) => bit ^ (scrambled[index] ?? 0));
    left = right;
    right = next;
  }
  return [right, left] as const;
}

function digestOf(password: string, salt: string): string {
  const keys = roundKeys(password);
  const expansion = saltedExpansion(salt);
  let halves: readonly [Bits, Bits] = [new Uint8Array(32), new Uint8Array(32)];
  for (let time = 0; time < 25; time += 1) halves = encrypt(halves, keys, expansion);
  const block = pick(Uint8Array.of(...halves[0], ...halves[1]), FINAL);
  return salt + encodeBlock(block);
}

export function isDesHash(hash: string): boolean {
  return PATTERN.test(hash);
}

export function verifyDes(password: string, hash: string): boolean {
  if (!isDesHash(hash)) return false;
  const actual = digestOf(password, hash.slice(0, 2));
  return timingSafeEqual(Buffer.from(actual), Buffer.from(hash));
}
