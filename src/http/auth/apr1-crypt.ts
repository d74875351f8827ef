/** `$apr1$`: the MD5-based format of the Apache tools (apr_md5_encode), a thousand rounds. */
import { createHash, timingSafeEqual } from "node:crypto";
import { encodeShuffled } from "./crypt-base64.ts";
import { yieldToEvents } from "./yielding.ts";

const PATTERN = /^\$apr1\$([^$:]{0,8})[^$:]*\$([./0-9A-Za-z]{22})$/;
const MAGIC = Buffer.from("$apr1$");
const ROUNDS = 1000;
const ORDER = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11];

function firstDigest(password: Buffer, salt: Buffer): Buffer {
  const inner = createHash("md5").update(password).update(salt).update(password).digest();
  const outer = createHash("md5").update(password).update(MAGIC).update(salt);
  outer.update(Buffer.alloc(password.length, inner));
  const zero = Buffer.alloc(1);
  for (let bits = password.length; bits > 0; bits >>= 1) {
    outer.update(bits & 1 ? zero : password.subarray(0, 1));
  }
  return outer.digest();
}

async function digestOf(password: Buffer, salt: Buffer): Promise<string> {
  let digest = firstDigest(password, salt);
  for (let round = 0; round < ROUNDS; round += 1) {
    const odd = round % 2 === 1;
    const hash = createHash("md5").update(odd ? password : digest);
    if (round % 3 !== 0) hash.update(salt);
    if (round % 7 !== 0) hash.update(password);
    digest = hash.update(odd ? digest : password).digest();
    if (round % 500 === 499) await yieldToEvents();
  }
  return encodeShuffled(digest, ORDER);
}

export function isApr1Hash(hash: string): boolean {
  return PATTERN.test(hash);
}

export async function verifyApr1(password: string, hash: string): Promise<boolean> {
  const [, salt, digest] = PATTERN.exec(hash) ?? [];
  if (salt === undefined || digest === undefined) return false;
  const actual = await digestOf(Buffer.from(password), Buffer.from(salt));
  return timingSafeEqual(Buffer.from(actual), Buffer.from(digest));
}
