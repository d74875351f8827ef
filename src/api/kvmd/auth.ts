/**
 * `/api/auth/*` (PiKVM API 3.3). Deliberately different from the original: a login with a redirect sets the same
 * cookie as one without, the cookie is `Secure` on an encrypted connection, and logging out takes it back.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpConfig } from "../../config/schema.ts";
import type { Auth } from "../../http/auth/auth.ts";
import { SESSION_COOKIE, SESSION_COOKIES, readCookie } from "../../http/auth/credentials.ts";
import { expiredCookie, sessionCookie } from "../../http/auth/session-cookie.ts";
import { OriginPolicy } from "../../http/origin.ts";
import { parseQuery } from "../../http/query.ts";
import { JSON_TYPE, TEXT_TYPE, ok } from "../../protocol/kvmd/envelope.ts";
import {
  validateExpire,
  validatePassword,
  validateRedirect,
  validateToken,
  validateUser,
} from "../../protocol/kvmd/validators.ts";
import { acceptAnyBody, bodyText } from "./body.ts";

export interface AuthRoutesOptions {
  readonly auth: Pick<Auth, "endSessions" | "login" | "logout">;
  /** For the Origin of logins; without it only the device's own pages may sign in. */
  readonly config?: Pick<HttpConfig, "allowedOrigins">;
}

/** Anybody may send this one. */
const LOGIN_BODY_LIMIT = 16 * 1024;
const REDIRECTS = ["/", "/kvm", "/kvm/"];

type Form = Readonly<Record<string, string | undefined>>;

async function readMultipart(body: Uint8Array, contentType: string): Promise<Form> {
  try {
    const response = new Response(Uint8Array.from(body), {
      headers: { "Content-Type": contentType },
    });
    const fields = new Map<string, string>();
    for (const [name, value] of await response.formData()) {
      if (typeof value === "string" && !fields.has(name)) fields.set(name, value);
    }
    return Object.fromEntries(fields);
  } catch {
    return {};
  }
}

/** The fields of a form; anything else than a form, or a broken one, has none. */
async function readForm({ body, headers }: FastifyRequest): Promise<Form> {
  const contentType = headers["content-type"] ?? "";
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === "application/x-www-form-urlencoded") return parseQuery(bodyText(body));
  if (mediaType === "multipart/form-data" && body instanceof Uint8Array) {
    return readMultipart(body, contentType);
  }
  return {};
}

function createLogin({ auth, config }: AuthRoutesOptions) {
  const origins = new OriginPolicy(config?.allowedOrigins ?? []);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    // A foreign page must not sign a visitor in as somebody else.
    origins.check(request);
    const form = await readForm(request);
    const user = validateUser(form["user"] ?? "");
    const password = validatePassword(form["passwd"] ?? "");
    const expireSeconds = validateExpire(form["expire"] ?? "0");
    const redirect = validateRedirect(form["redirect"] ?? "", REDIRECTS);
    const address = request.ip;
    const userAgent = request.headers["user-agent"];
    const { token } = await auth.login({ user, password, expireSeconds, address, userAgent });
    void reply.header("Set-Cookie", sessionCookie(request, SESSION_COOKIE, token));
    if (redirect === "") return reply.type(JSON_TYPE).send(ok());
    return reply.code(302).header("Location", redirect).type(TEXT_TYPE).send("302: Found");
  };
}

/** The session may have begun in another dialect, under that one's name of the cookie. */
function createLogout({ auth }: AuthRoutesOptions) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { principal, headers } = request;
    const shown = headers.cookie ?? "";
    if (principal?.via === "cookie") auth.endSessions(principal.user);
    else auth.logout(validateToken(readCookie(shown, SESSION_COOKIE)));
    const names = SESSION_COOKIES.filter(
      (name) => name === SESSION_COOKIE || hasCookie(shown, name),
    );
    for (const name of names) void reply.header("Set-Cookie", expiredCookie(request, name));
    return reply.type(JSON_TYPE).send(ok());
  };
}

function hasCookie(header: string, name: string): boolean {
  return (readCookie(header, name) ?? "") !== "";
}

/** Declares the routes in a scope of its own, relative to the dialect's prefix. */
export function authRoutes(app: FastifyInstance, options: AuthRoutesOptions): void {
  void app.register((scope, _options, done) => {
    acceptAnyBody(scope);
    scope.route({
      method: "POST",
      url: "/auth/login",
      config: { access: "public" },
      bodyLimit: LOGIN_BODY_LIMIT,
      handler: createLogin(options),
    });
    scope.route({
      method: "POST",
      url: "/auth/logout",
      config: { access: "viewer" },
      handler: createLogout(options),
    });
    scope.route({
      method: "GET",
      url: "/auth/check",
      config: { access: "viewer" },
      handler: (_request, reply) => reply.type(JSON_TYPE).send(ok()),
    });
    done();
  });
}
