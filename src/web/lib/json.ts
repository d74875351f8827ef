/** Reading of JSON that came from outside: whatever is missing or odd becomes a default, and nothing throws. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object with another value; undefined takes the key out. */
export function withValue(object: Json, key: string, next: unknown): Json {
  if (next !== undefined) return { ...object, [key]: next };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

export const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown, otherwise = ""): string =>
  typeof value === "string" ? value : otherwise;
/** Texts, numbers and flags as they are read; empty for everything else. */
export const shownOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
export const numberOf = (value: unknown, otherwise = 0): number =>
  typeof value === "number" && Number.isFinite(value) ? value : otherwise;
export const numberOrUndefined = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
export const isTrue = (value: unknown): boolean => value === true;
export const textsOf = (value: unknown): readonly string[] =>
  listOf(value).filter((item) => typeof item === "string");

/** Undefined for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
