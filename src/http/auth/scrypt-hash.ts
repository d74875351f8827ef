/** The format of new passwords: `$scrypt$ln=15,r=8,p=1$<salt>$<key>`, base64 without padding, as passlib spells it. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

interface ScryptCost {
  /** Binary logarithm of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB for one check, about 0.1 s on a desktop processor. */
const COST: ScryptCost = { ln: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** A hash that needs more is refused: boards have 512 MB altogether. */
const MAX_MEMORY = 128 * 1024 * 1024;

const PATTERN =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{22,128})$/;

interface ScryptHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const memoryOf = ({ ln, r, p }: ScryptCost): number => 128 * r * (2 ** ln + p + 1);

function parse(hash: string): ScryptHash | undefined {
  const [, ln, r, p, salt, key] = PATTERN.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 1 || cost.r < 1 || cost.p < 1 || memoryOf(cost) > MAX_MEMORY + 1024 * 1024) {
    return undefined;
  }
  return { cost, salt: Buffer.from(salt, "base64"), key: Buffer.from(key, "base64") };
}

function derive(password: string, salt: Buffer, cost: ScryptCost, length: number): Promise<Buffer> {
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memoryOf(cost) };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

const encode = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");

export function isScryptHash(hash: string): boolean {
  return parse(hash) !== undefined;
}

/** A new hash with a random salt. The work happens on the thread pool. */
export async function hashWithScrypt(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST, KEY_BYTES);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${encode(salt)}$${encode(key)}`;
}

export async function verifyScrypt(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  if (parsed === undefined) return false;
  const key = await derive(password, parsed.salt, parsed.cost, parsed.key.length);
  return timingSafeEqual(key, parsed.key);
}

/** A well-formed hash that no password satisfies, for checks that must only cost time. */
export function unmatchableScryptHash(): string {
  const salt = encode(randomBytes(SALT_BYTES));
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt}$${encode(randomBytes(KEY_BYTES))}`;
}
