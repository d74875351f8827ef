// The owner's first password: where it is kept until it is changed, and whether it still is the owner's.
import { createHash, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

export const DATA = "/var/lib/farhand";
/** For root only: nothing in it is the daemon's, which could be led to write elsewhere by it. */
const OWN = "/var/lib/farhand-setup";
/** Gone as soon as the password is another one. */
export const PASSWORD_FILE = `${OWN}/first-password`;
/** Words of `farhand pair` until they have worked. */
export const PAIR_FILE = `${OWN}/pair-once`;

/** Without characters that people confuse. */
const ALPHABET = "234679abcdefghjkmnpqrtwxyz";

/** Sixteen random characters in groups of four. */
export function randomPassword() {
  const letter = () => ALPHABET.charAt(randomInt(ALPHABET.length));
  const group = () => Array.from({ length: 4 }, letter).join("");
  return Array.from({ length: 4 }, group).join("-");
}

/** @param {string} path */
export function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** The stored hash of an account in a htpasswd file. @param {string} text @param {string} user */
export function hashOf(text, user) {
  const line = text.split("\n").find((entry) => entry.startsWith(`${user}:`));
  return line?.slice(user.length + 1).trim();
}

/** What the daemon compares to know whether the first password is still in use, which opens nothing but reading. @param {string} user @param {string} hash */
export function markOf(user, hash) {
  return `${user} ${createHash("sha256").update(hash).digest("hex")} change\n`;
}

/** Whether the owner still has the first password. @param {string} user */
export function isFirstPassword(user) {
  const hash = hashOf(read(`${DATA}/htpasswd`), user);
  return hash !== undefined && read(`${DATA}/first-password`) === markOf(user, hash);
}
