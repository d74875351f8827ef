import type { CallOptions } from "../../lib/api.ts";
import * as native from "../../lib/native-api.ts";
import type { Method } from "../../lib/native-api.ts";
import type { Shape } from "../../lib/shape.ts";

/** Everything of the fleet's own API is below this path. */
export const FLEET = "/native/fleet";

/** `ask` of `lib/native-api.ts`, below the fleet's path. */
export const ask = <T>(
  method: Method,
  path: string,
  expected: Shape<T>,
  options?: CallOptions,
): Promise<T> => native.ask(method, FLEET + path, expected, options);

/** `tell` of `lib/native-api.ts`, likewise. */
export const tell = (method: Method, path: string, options?: CallOptions): Promise<void> =>
  native.tell(method, FLEET + path, options);
