/** Signing in on a machine that is no device: the same paths as on one, because the pages are the same. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import { authRoutes } from "./auth.ts";
import type { AuthRoutesOptions } from "./auth.ts";
import { handleKvmdError } from "./errors.ts";

/** Declares the routes of `auth.ts`, with the answers of the dialect, in a scope of its own. */
export function signInApi(
  app: FastifyInstance,
  options: AuthRoutesOptions,
  done: () => void,
): void {
  speakDialect(app, "kvmd");
  app.setErrorHandler(handleKvmdError);
  authRoutes(app, options);
  done();
}
