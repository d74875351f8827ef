import { KvmdValidatorError } from "./validators.ts";
import type { Raw } from "./validators.ts";

/** Parameters by name; a missing one is undefined, a repeated one is its first value (PiKVM API 2.3). */
export type Query = Readonly<Record<string, string | undefined>>;

const EMPTY: Query = {};

function isPlain(value: object): value is Query {
  for (const name in value) {
    const item: unknown = Reflect.get(value, name);
    if (typeof item !== "string") return false;
  }
  return true;
}

/** The parameters of what the HTTP server parsed; copies only when some name is repeated. */
export function queryOf(parsed: unknown): Query {
  if (typeof parsed !== "object" || parsed === null) return EMPTY;
  if (isPlain(parsed)) return parsed;
  const firsts = Object.entries(parsed).map(([name, value]: [string, unknown]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return [name, typeof first === "string" ? first : undefined] as const;
  });
  return Object.fromEntries(firsts);
}

/**
 * A JSON value as the raw text that the validators take: WebSocket events may carry booleans and numbers as well as
 * their texts. Null counts as missing; objects and lists are refused.
 */
export function rawOf(value: unknown): Raw {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return String(value);
    case "undefined":
      return undefined;
    default:
      if (value === null) return undefined;
      throw new KvmdValidatorError("The argument is not a valid string, number or bool");
  }
}
