import { ApiError, call } from "../../lib/api.ts";
import type { CallOptions } from "../../lib/api.ts";
import type { Shape } from "../../lib/shape.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const ROOT = "/native/fleet";

/** An answer of the fleet's own API. Rejects with `ApiError`, also for an answer of another shape. */
export async function ask<T>(
  method: Method,
  path: string,
  expected: Shape<T>,
  options: CallOptions = {},
): Promise<T> {
  const answer = await call(method, ROOT + path, options);
  if (!expected(answer)) throw new ApiError(500, "", "");
  return answer;
}

/** A request whose answer does not matter. Rejects with `ApiError`. */
export async function tell(method: Method, path: string, options: CallOptions = {}): Promise<void> {
  await call(method, ROOT + path, options);
}
