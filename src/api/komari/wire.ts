/** Shapes that most of the dialect's answers share (Komari 0.3, 2.2). */
import { isTree } from "./calls/params.ts";
import { ReadyJson } from "./calls/call.ts";

/** RFC 3339 in UTC, fractions as short as the original writes them. */
export function timeText(at: number): string {
  const text = new Date(at).toISOString();
  // Most are whole seconds, and long lists are made of them.
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text.replace(/0*Z$/, "Z");
}

function textOf(value: unknown): string {
  return value instanceof ReadyJson ? value.text : JSON.stringify(value);
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

/** The envelope; `data` is left out when there is none. */
export function envelope(data: unknown): string {
  return isNothing(data)
    ? '{"status":"success","message":""}'
    : `{"status":"success","message":"","data":${textOf(data)}}`;
}

/** The fields of the answer beside `status`. */
export function flat(data: unknown): string {
  return JSON.stringify({ status: "success", ...(isTree(data) ? data : {}) });
}

/** The answer as it is. */
export function raw(data: unknown): string {
  return isNothing(data) ? "null" : textOf(data);
}

export function failure(message: string): { readonly status: "error"; readonly message: string } {
  return { status: "error", message };
}
