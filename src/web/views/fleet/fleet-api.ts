import { call } from "../../lib/api.ts";
import type { CallOptions } from "../../lib/api.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * An answer of the fleet's own API; its type is that of the route in `protocol/fleet`: the page and the hub come from
 * one build. Rejects with `ApiError`.
 */
export async function ask<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said above
  return (await call(method, `/native/fleet${path}`, options)) as T;
}
