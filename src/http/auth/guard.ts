import fastifyPlugin from "fastify-plugin";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import type { HttpConfig } from "../../config/schema.ts";
import { OriginPolicy } from "../origin.ts";
import type { Auth } from "./auth.ts";
import { ForbiddenError } from "./errors.ts";
import { mayAccess } from "./principal.ts";
import type { Access, Principal } from "./principal.ts";

export interface AuthGuardOptions {
  readonly auth: Pick<Auth, "authenticate">;
  readonly config: HttpConfig;
}

const SAFE_METHODS = new Set(["GET", "HEAD"]);

function demandAccess({ method, url, config }: RouteOptions): void {
  if (config?.access !== undefined) return;
  throw new Error(`Route ${[method].flat().join(",")} ${url} states no config.access`);
}

function admit(
  request: FastifyRequest,
  principal: Principal,
  access: Access,
  origins: OriginPolicy,
): void {
  if (principal.via === "cookie" && !SAFE_METHODS.has(request.method))
    origins.checkMutation(request);
  if (!mayAccess(principal.role, access)) {
    throw new ForbiddenError(`This needs the role '${access}'`);
  }
  request.principal = principal;
}

/**
 * Decides about every request before its handler. Starting fails when a route does not state `config.access`. Public
 * routes and unknown paths are not looked at: a stale cookie must not keep anybody from signing in.
 */
function installGuard(app: FastifyInstance, { auth, config }: AuthGuardOptions): void {
  const origins = new OriginPolicy(config.allowedOrigins);
  app.decorateRequest("principal", null);
  app.addHook("onRoute", demandAccess);
  app.addHook("onRequest", (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === "public") {
      done();
      return;
    }
    const enter = (principal: Principal): void => {
      admit(request, principal, access, origins);
    };
    try {
      const found = auth.authenticate(request);
      if (found instanceof Promise) {
        void finish(found.then(enter), done);
        return;
      }
      enter(found);
    } catch (error) {
      done(asError(error));
      return;
    }
    done();
  });
}

/** Only for the checks that take time; most are answered at once. */
async function finish(pending: Promise<void>, done: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined;
  try {
    await pending;
  } catch (error) {
    failure = asError(error);
  }
  done(failure);
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));

/** Register on the root, before every route. */
export const authGuard = fastifyPlugin<AuthGuardOptions>(
  (app, options, done) => {
    installGuard(app, options);
    done();
  },
  { name: "auth-guard" },
);
