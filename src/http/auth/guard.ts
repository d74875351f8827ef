import fastifyPlugin from "fastify-plugin";
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import type { HttpConfig } from "../../config/schema.ts";
import { AppError } from "../../core/errors.ts";
import { OriginPolicy } from "../origin.ts";
import type { Auth } from "./auth.ts";
import { FirstPasswordError, ForbiddenError } from "./errors.ts";
import { mayAccess } from "./principal.ts";
import type { Access, Principal } from "./principal.ts";

export interface AuthGuardOptions {
  readonly auth: Pick<Auth, "authenticate" | "mustChangePassword">;
  readonly config: HttpConfig;
  /** Whoever came through a door that only this machine's own people have. */
  readonly local?: (request: FastifyRequest) => Principal | undefined;
}

const SAFE_METHODS = new Set(["GET", "HEAD"]);
/** What wrong credentials lead to. */
const REFUSALS: ReadonlySet<string> = new Set(["unauthenticated", "forbidden", "invalid"]);

function demandAccess({ method, url, config }: RouteOptions): void {
  const route = `Route ${[method].flat().join(",")} ${url}`;
  if (config?.access === undefined) throw new Error(`${route} states no config.access`);
  const isAgents = config.access === "agent";
  if (isAgents !== (config.identify !== undefined)) {
    throw new Error(`${route} needs config.identify exactly when its access is 'agent'`);
  }
}

interface Judge {
  readonly auth: AuthGuardOptions["auth"];
  readonly origins: OriginPolicy;
}

function admit(
  request: FastifyRequest,
  principal: Principal,
  access: Access,
  { auth, origins }: Judge,
): void {
  if (principal.via === "cookie" && !SAFE_METHODS.has(request.method))
    origins.checkMutation(request);
  if (!mayAccess(principal.role, access)) {
    if (auth.mustChangePassword(principal.user)) throw new FirstPasswordError();
    throw new ForbiddenError(`This needs the role '${access}'`);
  }
  request.principal = principal;
}

/** Lets a request in or throws; a promise only where that takes time. */
type Decide = (request: FastifyRequest, access: Access) => void | Promise<void>;

function createDecide({ auth, config, local }: AuthGuardOptions): Decide {
  const judge: Judge = { auth, origins: new OriginPolicy(config.allowedOrigins) };
  const asUser: Decide = (request, access) => {
    const found = local?.(request) ?? auth.authenticate(request);
    if (!(found instanceof Promise)) {
      admit(request, found, access, judge);
      return undefined;
    }
    return found.then((principal) => {
      admit(request, principal, access, judge);
    });
  };
  const asAgent: Decide = async (request) => {
    request.agent = (await request.routeOptions.config.identify?.(request)) ?? null;
    if (request.agent === null) throw new ForbiddenError();
  };
  return (request, access) => {
    if (access === "agent") return asAgent(request, access);
    return access === "guest" ? asGuest(asUser, request) : asUser(request, access);
  };
}

/** Whoever cannot be recognized stays a guest. */
async function asGuest(asUser: Decide, request: FastifyRequest): Promise<void> {
  try {
    await asUser(request, "guest");
  } catch (error) {
    if (!(error instanceof AppError) || !REFUSALS.has(error.kind)) throw error;
  }
}

/**
 * Decides about every request before its handler. Starting fails when a route does not state `config.access`. Public
 * routes and unknown paths are not looked at: a stale cookie must not keep anybody from signing in.
 */
function installGuard(app: FastifyInstance, options: AuthGuardOptions): void {
  const decide = createDecide(options);
  app.decorateRequest("principal", null);
  app.decorateRequest("agent", null);
  app.addHook("onRoute", demandAccess);
  app.addHook("onRequest", (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === "public") {
      done();
      return;
    }
    try {
      const decided = decide(request, access);
      if (decided instanceof Promise) {
        void finish(decided, done);
        return;
      }
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
