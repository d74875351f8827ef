/**
 * Password hashes of a htpasswd file (PiKVM API 3.6), bcrypt, and scrypt for everything new. Deliberately different
 * from the original: an entry in no known format, plain text included, is refused instead of compared literally.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isApr1Hash, verifyApr1 } from "./apr1-crypt.ts";
import { isDesHash, verifyDes } from "./des-crypt.ts";
import { hashWithScrypt, isScryptHash, verifyScrypt } from "./scrypt-hash.ts";
import { isShaCryptHash, verifyShaCrypt } from "./sha-crypt.ts";

interface PasswordFormat {
  readonly name: string;
  matches(hash: string): boolean;
  verify(password: string, hash: string): boolean | Promise<boolean>;
}

const BASE64_PATTERN = /^[A-Za-z0-9+/]+={0,2}$/;

/** `{NAME}` and base64 of digest and salt, the salt being whatever follows the digest. */
function digestFormat(name: string, algorithm: string, salted: boolean): PasswordFormat {
  const prefix = `{${name}}`;
  const digestLength = createHash(algorithm).digest().length;
  const decode = (hash: string): Buffer | undefined => {
    const text = hash.slice(prefix.length);
    if (!hash.startsWith(prefix) || !BASE64_PATTERN.test(text)) return undefined;
    const bytes = Buffer.from(text, "base64");
    return (salted ? bytes.length > digestLength : bytes.length === digestLength)
      ? bytes
      : undefined;
  };
  return {
    name,
    matches: (hash) => decode(hash) !== undefined,
    verify(password, hash) {
      const bytes = decode(hash);
      if (bytes === undefined) return false;
      const salt = bytes.subarray(digestLength);
      const digest = createHash(algorithm).update(password).update(salt).digest();
      return timingSafeEqual(digest, bytes.subarray(0, digestLength));
    },
  };
}

/** The cost is a power of two; above fifteen one check would take a board minutes. */
const BCRYPT_PATTERN = /^\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/;

async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  const { compare } = await import("bcryptjs");
  return compare(password, hash);
}

const FORMATS: readonly PasswordFormat[] = [
  { name: "scrypt", matches: isScryptHash, verify: verifyScrypt },
  { name: "bcrypt", matches: (hash) => BCRYPT_PATTERN.test(hash), verify: verifyBcrypt },
  digestFormat("SSHA512", "sha512", true),
  digestFormat("SSHA256", "sha256", true),
  { name: "sha-crypt", matches: isShaCryptHash, verify: verifyShaCrypt },
  { name: "apr1", matches: isApr1Hash, verify: verifyApr1 },
  digestFormat("SHA", "sha1", false),
  { name: "des", matches: isDesHash, verify: verifyDes },
];

/** Name of the format of a stored hash; undefined for entries that are refused. */
export function passwordFormatOf(hash: string): string | undefined {
  return FORMATS.find((format) => format.matches(hash))?.name;
}

/** Whether the password belongs to the hash. Compares in constant time; an unknown format is always false. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const format = FORMATS.find((candidate) => candidate.matches(hash));
  return format === undefined ? false : format.verify(password, hash);
}

/** The hash to store for a new password. */
export function hashPassword(password: string): Promise<string> {
  return hashWithScrypt(password);
}
