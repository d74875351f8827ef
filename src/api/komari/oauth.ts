/**
 * Sign-in through a provider as this dialect's pages start it: `/api/oauth`, `/api/oauth_callback` (Komari 2.3, 5).
 * Deliberately different from the original: who may come is in the configuration, no account is bound by its owner, and
 * a browser is not left with JSON: it goes back to the sign-in page, which says why and what to do.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../config/schema.ts";
import { AppError } from "../../core/errors.ts";
import { readCookie } from "../../http/auth/credentials.ts";
import { AuthOverloadedError } from "../../http/auth/errors.ts";
import { NoSuchPersonError, SignInDeniedError, SignInStateError } from "../../http/auth/oidc.ts";
import type { Oidc } from "../../http/auth/oidc.ts";
import { sessionCookie } from "../../http/auth/session-cookie.ts";
import type { Logger } from "../../core/log.ts";
import { refusalAddress } from "../../protocol/komari/sign-in.ts";
import type { SignInRefusal } from "../../protocol/komari/sign-in.ts";
import { createErrorHandler } from "./errors.ts";
import { failure } from "./wire.ts";

export interface OauthRoutesOptions {
  /** Undefined where no provider is configured. */
  readonly oidc: Oidc | undefined;
  readonly config: { readonly hub: Pick<Config["hub"], "themes"> };
  readonly log: Logger;
}

/** There is nobody to sign in through. */
export class NoProviderError extends AppError {
  static readonly code = "NO_PROVIDER";
  constructor(message = "OAuth is not enabled", options?: ErrorOptions) {
    super("forbidden", NoProviderError.code, message, options);
  }
}

const STATE_COOKIE = "oauth_state";
const CALLBACK = "/api/oauth_callback";
const JSON_TYPE = "application/json; charset=utf-8";

/** The provider's link back is one from another site: `Strict` cookies would stay at home. */
function stateCookie(request: FastifyRequest, value: string, lifeSeconds: number): string {
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `${STATE_COOKIE}=${value}; HttpOnly; Path=${CALLBACK}; SameSite=Lax; Max-Age=${lifeSeconds}${secure}`;
}

function textsOf(query: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof query !== "object" || query === null) return {};
  return Object.fromEntries(Object.entries(query).filter(([, value]) => typeof value === "string"));
}

async function begin(oidc: Oidc, request: FastifyRequest, reply: FastifyReply) {
  const callback = `${request.protocol}://${request.host}${CALLBACK}`;
  const { url, cookie, lifeSeconds } = await oidc.begin(callback);
  const header = stateCookie(request, cookie, lifeSeconds);
  return reply.header("Set-Cookie", header).redirect(url, 302);
}

async function finish(oidc: Oidc, request: FastifyRequest, reply: FastifyReply, home: string) {
  const cookie = readCookie(request.headers.cookie ?? "", STATE_COOKIE) ?? "";
  // It is used up, whatever comes of it.
  void reply.header("Set-Cookie", stateCookie(request, "", 0));
  const client = { address: request.ip, userAgent: request.headers["user-agent"] ?? "" };
  const { token } = await oidc.finish({ cookie, query: textsOf(request.query), ...client });
  const session = sessionCookie(request, "session_token", token);
  return reply.header("Set-Cookie", session).redirect(home, 302);
}

/** Somebody who looks at a page; programs ask for JSON, or for anything. */
function isBrowser({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes("text/html") === true;
}

function refusalOf(error: unknown): SignInRefusal {
  if (error instanceof SignInDeniedError) return "denied";
  if (error instanceof NoSuchPersonError) return "unknown";
  if (error instanceof SignInStateError) return "expired";
  if (error instanceof AuthOverloadedError) return "busy";
  if (error instanceof NoProviderError) return "off";
  return error instanceof AppError && error.kind !== "internal" ? "unavailable" : "failed";
}

/** In the words of the original, where it has some. */
function sendProblem(reply: FastifyReply, error: unknown): boolean {
  void reply.type(JSON_TYPE);
  if (error instanceof NoProviderError) {
    void reply.code(403).send({ status: "error", error: error.message });
  } else if (error instanceof SignInStateError) {
    void reply.code(400).send(failure("Invalid state"));
  } else if (error instanceof SignInDeniedError || error instanceof NoSuchPersonError) {
    void reply.code(401).send(failure("please log in and bind your external account first."));
  } else {
    return false;
  }
  return true;
}

function installErrors(app: FastifyInstance, log: Logger): void {
  const sendOther = createErrorHandler(log);
  app.setErrorHandler((error, request, reply) => {
    if (!isBrowser(request)) {
      if (!sendProblem(reply, error)) sendOther(error, request, reply);
      return;
    }
    const refusal = refusalOf(error);
    if (refusal === "failed") log.error({ err: error, request: request.id }, "A sign-in failed");
    void reply.redirect(refusalAddress(refusal), 302);
  });
}

/** Declares both routes, in a scope of their own; without a provider they say so. */
export function oauthApi(
  app: FastifyInstance,
  { oidc, config, log }: OauthRoutesOptions,
  done: () => void,
): void {
  installErrors(app, log);
  // Themes have their administration there; our own pages have it at the beginning.
  const home = config.hub.themes.active === "" ? "/" : "/admin";
  const demandProvider = (): Oidc => {
    if (oidc === undefined) throw new NoProviderError();
    return oidc;
  };
  app.route({
    method: "GET",
    url: "/api/oauth",
    config: { access: "public" },
    handler: async (request, reply) => begin(demandProvider(), request, reply),
  });
  app.route({
    method: "GET",
    url: CALLBACK,
    config: { access: "public" },
    handler: async (request, reply) => finish(demandProvider(), request, reply, home),
  });
  done();
}
