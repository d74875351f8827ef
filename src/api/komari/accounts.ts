/**
 * Signing in as this dialect does it: `/api/me`, `/api/login`, `/api/logout` (Komari 2.3). Deliberately different from
 * the original: failures are throttled, the cookie is `SameSite=Strict`, and an API token counts as its user.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpConfig } from "../../config/schema.ts";
import { AppError, ValidationError } from "../../core/errors.ts";
import type { Auth } from "../../http/auth/auth.ts";
import { readCookie } from "../../http/auth/credentials.ts";
import { expiredCookie, sessionCookie } from "../../http/auth/session-cookie.ts";
import { OriginPolicy } from "../../http/origin.ts";
import { codeOf, isTree, textOf } from "./calls/params.ts";
import { codeProblem } from "./errors.ts";
import { parseBody } from "./rest.ts";
import { envelope, failure } from "./wire.ts";

const COOKIE = "session_token";
/** Thirty days, as the original. */
const LIFE_SECONDS = 2_592_000;
/** Anybody may send this one. */
const BODY_LIMIT = 16 * 1024;

export interface AccountRoutesOptions {
  readonly auth: Auth;
  readonly config: { readonly http: Pick<HttpConfig, "allowedOrigins"> };
}

function readLogin(body: unknown): { user: string; password: string; code: string } {
  const form = parseBody(body);
  const fields = isTree(form) ? form : {};
  const user = textOf(fields, "username");
  const password = textOf(fields, "password");
  if (user === "" || password === "") {
    throw new ValidationError("Invalid request body: Username and password are required");
  }
  return { user, password, code: codeOf(fields) };
}

function refusalOf(error: AppError): string {
  const isThrottled = error.message.startsWith("Too many");
  return codeProblem(error) ?? (isThrottled ? error.message : "Invalid credentials");
}

const REFUSALS: ReadonlySet<string> = new Set(["unauthenticated", "forbidden", "invalid"]);

function createLogin({ auth, config }: AccountRoutesOptions) {
  const origins = new OriginPolicy(config.http.allowedOrigins);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    // A foreign page must not sign a visitor in as somebody else.
    origins.check(request);
    const { user, password, code } = readLogin(request.body);
    const client = { address: request.ip, userAgent: request.headers["user-agent"] };
    try {
      const attempt = { user, password, code, expireSeconds: LIFE_SECONDS, ...client };
      const { token } = await auth.login(attempt);
      const cookie = `${sessionCookie(request, COOKIE, token)}; Max-Age=${LIFE_SECONDS}`;
      return await reply
        .header("Set-Cookie", cookie)
        .type("application/json; charset=utf-8")
        .send(envelope({ "set-cookie": { session_token: token } }));
    } catch (error) {
      if (!(error instanceof AppError) || !REFUSALS.has(error.kind)) throw error;
      return reply.code(401).send(failure(refusalOf(error)));
    }
  };
}

/** Ends this session only, not the others of its user. */
function createLogout({ auth }: AccountRoutesOptions) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { principal } = request;
    const hasCookie = readCookie(request.headers.cookie ?? "", COOKIE) !== undefined;
    if (principal?.session !== undefined) auth.endSession(principal.user, principal.session);
    if (hasCookie) void reply.header("Set-Cookie", expiredCookie(request, COOKIE));
    return reply.code(302).header("Location", "/").send();
  };
}

/** Declares the routes that are about cookies; `/api/me` is a call. */
export function accountRoutes(app: FastifyInstance, options: AccountRoutesOptions): void {
  app.route({
    method: "POST",
    url: "/api/login",
    config: { access: "public" },
    bodyLimit: BODY_LIMIT,
    handler: createLogin(options),
  });
  app.route({
    method: "GET",
    url: "/api/logout",
    config: { access: "guest" },
    handler: createLogout(options),
  });
}
