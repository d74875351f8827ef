import { ValidationError } from "../../../core/errors.ts";
import type { Params } from "./call.ts";

// Reading parameters: from a query everything is text, from JSON it has its type; both are taken.

export function isTree(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty when absent or no text. */
export function textOf(params: Params, name: string): string {
  const value = params[name];
  return typeof value === "string" ? value : "";
}

/** Undefined when absent. Throws `ValidationError` with `message` for anything but a whole number. */
export function wholeOf(params: Params, name: string, message: string): number | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  const isNumber =
    typeof value === "number" || (typeof value === "string" && /^[+-]?\d{1,15}$/.test(value));
  const number = isNumber ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new ValidationError(message);
  return number;
}

/** Epoch milliseconds of RFC 3339 text; undefined when absent. Throws `ValidationError`. */
export function timeOf(params: Params, name: string): number | undefined {
  const text = textOf(params, name);
  if (text === "") return undefined;
  const at = Date.parse(text);
  if (!Number.isFinite(at)) throw new ValidationError(`${name} is not a time`);
  return at;
}

/** The texts of a list; empty when it is none. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The objects of a list; empty when it is none. */
export function treesOf(value: unknown): readonly Params[] {
  return Array.isArray(value) ? value.filter(isTree) : [];
}

const MOST_HOURS = 24 * 3660;

/** A number of hours from 1, `standard` when absent. Throws `ValidationError`. */
export function hoursOf(params: Params, standard: number): number {
  const hours = wholeOf(params, "hours", "Invalid hours parameter") ?? standard;
  if (hours < 1) throw new ValidationError("Invalid hours parameter");
  return Math.min(hours, MOST_HOURS);
}

const CODE_NAMES = ["2fa_code", "two_factor_code", "otp"] as const;

/** The one-time code among the parameters; empty without one. */
export function codeOf(params: Params): string {
  const value = CODE_NAMES.map((name) => params[name]).find((code) => code !== undefined);
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : "";
}

/** A truth value; undefined when absent or none. */
export function flagOf(params: Params, name: string): boolean | undefined {
  const value = params[name];
  return typeof value === "boolean" ? value : undefined;
}
