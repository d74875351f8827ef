import { ApiError, call } from "./api.ts";
import type { CallOptions } from "./api.ts";
import type { Shape } from "./shape.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** An answer of our own API. Rejects with `ApiError`, also for an answer of another shape. */
export async function ask<T>(
  method: Method,
  path: string,
  expected: Shape<T>,
  options: CallOptions = {},
): Promise<T> {
  const answer = await call(method, path, options);
  if (!expected(answer)) throw new ApiError(500, "", "");
  return answer;
}

/** A request whose answer does not matter. Rejects with `ApiError`. */
export async function tell(method: Method, path: string, options: CallOptions = {}): Promise<void> {
  await call(method, path, options);
}
