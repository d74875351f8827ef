/** Values of PiKVM's configuration, read as leniently as its validators do (PiKVM API 2.4). */

/** A value that is not what its key needs; the message is for people. */
export class NotCarried extends Error {}

export function boolOf(value: unknown): boolean {
  const text = String(value).trim().toLowerCase();
  if (["1", "true", "yes"].includes(text)) return true;
  if (["0", "false", "no"].includes(text)) return false;
  throw new NotCarried(`${JSON.stringify(value)} is neither true nor false`);
}

export function numberOf(value: unknown): number {
  const text = typeof value === "string" ? value.trim() : value;
  const number = typeof text === "number" ? text : Number(text === "" ? Number.NaN : text);
  if (Number.isFinite(number)) return number;
  throw new NotCarried(`${JSON.stringify(value)} is no number`);
}

export function textOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number") return String(value);
  throw new NotCarried(`${JSON.stringify(value)} is no text`);
}

export function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(textOf);
  return textOf(value)
    .split(/[\s,]+/)
    .filter((part) => part !== "");
}
