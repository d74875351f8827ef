/**
 * `$5$` (SHA-256) and `$6$` (SHA-512) of the crypt family, after Ulrich Drepper's public specification
 * "Unix crypt using SHA-256 and SHA-512". Letters in comments are those of the specification's digests.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { encodeShuffled } from "./crypt-base64.ts";
import { yieldToEvents } from "./yielding.ts";

interface Variant {
  readonly algorithm: "sha256" | "sha512";
  readonly order: readonly number[];
}

/** Each step of three digest bytes starts where the previous one ended, rotated; the leftover bytes come last. */
function rotatedOrder(third: number, rotate: number, rest: readonly number[]): number[] {
  const order: number[] = [];
  let offsets = [0, third, third * 2];
  for (let index = 0; index < third; index += 1) {
    order.push(...offsets.map((offset) => offset + index));
    offsets = [...offsets.slice(rotate), ...offsets.slice(0, rotate)];
  }
  return [...order, ...rest];
}

const SHA256: Variant = { algorithm: "sha256", order: rotatedOrder(10, 2, [31, 30]) };
const SHA512: Variant = { algorithm: "sha512", order: rotatedOrder(21, 1, [63]) };

const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
/** The specification allows a thousand times more, which would take this process minutes. */
const MAX_ROUNDS = 1_000_000;
const ROUNDS_PER_TURN = 500;

const PATTERN =
  /^\$([56])\$(?:rounds=(\d{1,9})\$)?([^$:]{0,16})[^$:]*\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})$/;

interface ShaCryptHash {
  readonly variant: Variant;
  readonly rounds: number;
  readonly salt: string;
  readonly digest: string;
}

function parse(hash: string): ShaCryptHash | undefined {
  const [, kind, roundsText, salt, digest] = PATTERN.exec(hash) ?? [];
  if (salt === undefined || digest === undefined) return undefined;
  const variant = kind === "5" ? SHA256 : SHA512;
  const rounds = roundsText === undefined ? DEFAULT_ROUNDS : Number(roundsText);
  if (rounds > MAX_ROUNDS || digest.length !== (kind === "5" ? 43 : 86)) return undefined;
  return { variant, rounds: Math.max(rounds, MIN_ROUNDS), salt, digest };
}

/** `block` repeated and cut to `length` bytes. */
function stretch(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

function firstDigest(variant: Variant, password: Buffer, salt: Buffer): Buffer {
  const { algorithm } = variant;
  const b = createHash(algorithm).update(password).update(salt).update(password).digest();
  const a = createHash(algorithm).update(password).update(salt);
  a.update(stretch(b, password.length));
  for (let bits = password.length; bits > 0; bits >>= 1) a.update(bits & 1 ? b : password);
  return a.digest();
}

function repeatedDigest(algorithm: string, part: Buffer, times: number): Buffer {
  const hash = createHash(algorithm);
  for (let count = 0; count < times; count += 1) hash.update(part);
  return hash.digest();
}

async function digestOf(password: Buffer, salt: Buffer, rounds: number, variant: Variant) {
  const { algorithm, order } = variant;
  let digest = firstDigest(variant, password, salt);
  const p = stretch(repeatedDigest(algorithm, password, password.length), password.length);
  const s = stretch(repeatedDigest(algorithm, salt, 16 + (digest[0] ?? 0)), salt.length);
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    const hash = createHash(algorithm).update(odd ? p : digest);
    if (round % 3 !== 0) hash.update(s);
    if (round % 7 !== 0) hash.update(p);
    digest = hash.update(odd ? digest : p).digest();
    if (round % ROUNDS_PER_TURN === ROUNDS_PER_TURN - 1) await yieldToEvents();
  }
  return encodeShuffled(digest, order);
}

export function isShaCryptHash(hash: string): boolean {
  return parse(hash) !== undefined;
}

export async function verifyShaCrypt(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (parsed === undefined) return false;
  const { salt, rounds, variant } = parsed;
  const digest = await digestOf(Buffer.from(password), Buffer.from(salt), rounds, variant);
  return timingSafeEqual(Buffer.from(digest), Buffer.from(parsed.digest));
}
