import { isIPv4, isIPv6 } from "node:net";

function wordsOf(part: string): number[] {
  return part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
}

/** An IPv4 tail (`::ffff:192.0.2.1`) as two groups of hexadecimal. */
function withoutDots(address: string): string {
  const start = address.lastIndexOf(":") + 1;
  const [a = 0, b = 0, c = 0, d = 0] = address.slice(start).split(".").map(Number);
  return `${address.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** Four or sixteen bytes; undefined for anything that is no address, also one with a zone. */
export function ipBytes(address: string): Buffer | undefined {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  if (!isIPv6(address) || address.includes("%")) return undefined;
  const [head = "", tail] = (address.includes(".") ? withoutDots(address) : address).split("::");
  const before = wordsOf(head);
  const after = wordsOf(tail ?? "");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [index, word] of [...before, ...zeros, ...after].entries()) {
    bytes.writeUInt16BE(word, index * 2);
  }
  return bytes;
}
