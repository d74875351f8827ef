/**
 * Sign-in through a provider as this dialect's pages start it: `/api/oauth`, `/api/oauth_callback` (Komari 2.3, 5).
 * Deliberately different from the original: who may come is in the configuration; no account is bound by its owner.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../config/schema.ts";
import { readCookie } from "../../http/auth/credentials.ts";
import { SignInRefusedError, SignInStateError } from "../../http/auth/oidc.ts";
import type { Oidc } from "../../http/auth/oidc.ts";
import { sessionCookie } from "../../http/auth/session-cookie.ts";
import type { Logger } from "../../core/log.ts";
import { createErrorHandler } from "./errors.ts";
import { failure } from "./wire.ts";

export interface OauthRoutesOptions {
  /** Undefined where no provider is configured. */
  readonly oidc: Oidc | undefined;
  readonly config: { readonly hub: Pick<Config["hub"], "themes"> };
  readonly log: Logger;
}

const STATE_COOKIE = "oauth_state";
const CALLBACK = "/api/oauth_callback";
const JSON_TYPE = "application/json; charset=utf-8";

/** The provider's link back is one from another site: `Strict` cookies would stay at home. */
function stateCookie(request: FastifyRequest, value: string, lifeSeconds: number): string {
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `${STATE_COOKIE}=${value}; HttpOnly; Path=${CALLBACK}; SameSite=Lax; Max-Age=${lifeSeconds}${secure}`;
}

const refuse = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply.code(status).type(JSON_TYPE).send(failure(message));

function textsOf(query: unknown): Readonly<Record<string, string | undefined>> {
  if (typeof query !== "object" || query === null) return {};
  return Object.fromEntries(Object.entries(query).filter(([, value]) => typeof value === "string"));
}

async function begin(oidc: Oidc, request: FastifyRequest, reply: FastifyReply) {
  const callback = `${request.protocol}://${request.host}${CALLBACK}`;
  const { url, cookie, lifeSeconds } = await oidc.begin(callback);
  const header = stateCookie(request, cookie, lifeSeconds);
  return reply.header("Set-Cookie", header).code(302).header("Location", url).send();
}

async function finish(oidc: Oidc, request: FastifyRequest, reply: FastifyReply, home: string) {
  const cookie = readCookie(request.headers.cookie ?? "", STATE_COOKIE) ?? "";
  const used = stateCookie(request, "", 0);
  const client = { address: request.ip, userAgent: request.headers["user-agent"] ?? "" };
  try {
    const { token } = await oidc.finish({ cookie, query: textsOf(request.query), ...client });
    const session = sessionCookie(request, "session_token", token);
    return await reply
      .header("Set-Cookie", [session, used])
      .code(302)
      .header("Location", home)
      .send();
  } catch (error) {
    void reply.header("Set-Cookie", used);
    if (error instanceof SignInStateError) return refuse(reply, 400, "Invalid state");
    if (!(error instanceof SignInRefusedError)) throw error;
    return refuse(reply, 401, "please log in and bind your external account first.");
  }
}

/** Declares both routes, in a scope of their own; without a provider they say so. */
export function oauthApi(
  app: FastifyInstance,
  { oidc, config, log }: OauthRoutesOptions,
  done: () => void,
): void {
  app.setErrorHandler(createErrorHandler(log));
  // Themes have their administration there; our own pages have it at the beginning.
  const home = config.hub.themes.active === "" ? "/" : "/admin";
  const isOff = (reply: FastifyReply): FastifyReply =>
    reply.code(403).type(JSON_TYPE).send({ status: "error", error: "OAuth is not enabled" });
  app.route({
    method: "GET",
    url: "/api/oauth",
    config: { access: "public" },
    handler: (request, reply) => (oidc === undefined ? isOff(reply) : begin(oidc, request, reply)),
  });
  app.route({
    method: "GET",
    url: CALLBACK,
    config: { access: "public" },
    handler: (request, reply) =>
      oidc === undefined ? isOff(reply) : finish(oidc, request, reply, home),
  });
  done();
}
