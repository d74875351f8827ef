/** The base64 of the crypt family: six bits a character, least significant first. */
const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `length` characters of the low bits of `value`. */
function encodeBits(value: number, length: number): string {
  let text = "";
  let rest = value;
  for (let index = 0; index < length; index += 1) {
    text += ALPHABET.charAt(rest % 64);
    rest = Math.floor(rest / 64);
  }
  return text;
}

/** Takes bytes in the order of `order`, three at a time, the first of each three being the most significant. */
export function encodeShuffled(bytes: Uint8Array, order: readonly number[]): string {
  let text = "";
  for (let index = 0; index < order.length; index += 3) {
    const group = order.slice(index, index + 3);
    const value = group.reduce((total, at) => total * 256 + (bytes[at] ?? 0), 0);
    text += encodeBits(value, group.length + 1);
  }
  return text;
}

/** The value of one character, -1 when it is not of the alphabet. */
export function valueOf(character: string): number {
  return character === "" ? -1 : ALPHABET.indexOf(character);
}

/** Sixty-four bits as eleven characters, most significant bits first, two zero bits at the end (classic DES crypt). */
export function encodeBlock(bits: Uint8Array): string {
  let text = "";
  for (let start = 0; start < 66; start += 6) {
    let value = 0;
    for (let offset = 0; offset < 6; offset += 1) value = value * 2 + (bits[start + offset] ?? 0);
    text += ALPHABET.charAt(value);
  }
  return text;
}
