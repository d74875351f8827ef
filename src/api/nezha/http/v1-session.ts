/** Signing in as on dashboards of v1 and later (Nezha facts 3.1): our own sessions, under their names. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../../core/errors.ts";
import { plainAddress } from "../../../http/address.ts";
import { readCookie } from "../../../http/auth/credentials.ts";
import { UnauthorizedError } from "../../../http/auth/errors.ts";
import type { Principal } from "../../../http/auth/principal.ts";
import { sessionCookie } from "../../../http/auth/session-cookie.ts";
import { success } from "./v1-answer.ts";
import type { V1Options } from "./v1-options.ts";
import { timeText } from "./v0-view.ts";

/** The session cookie of this dialect. */
const COOKIE = "nz-jwt";
/** What clients are told of a session that does not end by itself: they ask for another one then. */
const LONG_SECONDS = 30 * 86_400;
/** Roles of the original. */
const ADMIN = 0;
const MEMBER = 1;

function textIn(body: unknown, name: string): string {
  if (typeof body !== "object" || body === null) return "";
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" ? value : "";
}

function isWrong(error: unknown): boolean {
  return (
    error instanceof AppError && ["forbidden", "invalid", "unauthenticated"].includes(error.kind)
  );
}

/** The token of the session that the request came with, in whichever way. */
function shownToken({ headers }: FastifyRequest): string {
  const { cookie = "", authorization = "" } = headers;
  const bearer = /^bearer +([0-9a-f]{64})$/i.exec(authorization)?.[1];
  return bearer ?? readCookie(cookie, COOKIE) ?? "";
}

/** Declares the routes. */
export function sessionRoutes(app: FastifyInstance, options: V1Options): void {
  const { auth, accounts, config, clock } = options;
  const sendToken = (request: FastifyRequest, reply: FastifyReply, token: string): void => {
    const seconds = config.auth.expireSeconds || LONG_SECONDS;
    const expire = timeText(clock.now() + seconds * 1000);
    void reply
      .header("set-cookie", sessionCookie(request, COOKIE, token))
      .send(success({ token, expire }));
  };
  app.post("/api/v1/login", { config: { access: "public" } }, async (request, reply) => {
    const { body, ip, headers } = request;
    const attempt = {
      user: textIn(body, "username"),
      password: textIn(body, "password"),
      expireSeconds: 0,
      address: plainAddress(ip),
      userAgent: headers["user-agent"],
    };
    try {
      const { token } = await auth.login(attempt);
      sendToken(request, reply, token);
    } catch (error) {
      // Which of the two was wrong is nobody's business.
      if (isWrong(error)) throw new UnauthorizedError();
      throw error;
    }
    return reply;
  });
  const refresh = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const token = shownToken(request);
    if (token === "") throw new UnauthorizedError();
    sendToken(request, reply, token);
    return reply;
  };
  // Up to v2.0 by the one method, later by the other.
  app.get("/api/v1/refresh-token", { config: { access: "viewer" } }, refresh);
  app.post("/api/v1/refresh-token", { config: { access: "viewer" } }, refresh);
  app.get("/api/v1/profile", { config: { access: "viewer" } }, async ({ principal, ip }) => {
    if (principal === null || principal.via === "token") throw new UnauthorizedError();
    const names = (await accounts.list()).map(({ user }) => user);
    return success(profileOf(principal, names.indexOf(principal.user) + 1, ip, config));
  });
}

function profileOf(
  { user, role }: Principal,
  id: number,
  ip: string,
  { hub }: Pick<V1Options["config"], "hub">,
) {
  const { secret } = hub.nezha;
  const isAdmin = role === "admin";
  return {
    ...(id === 0 ? {} : { id }),
    created_at: timeText(undefined),
    updated_at: timeText(undefined),
    username: user,
    role: isAdmin ? ADMIN : MEMBER,
    // What an agent is set up with; whoever has it may report for nodes without a token.
    ...(isAdmin && secret !== "" ? { agent_secret: secret } : {}),
    login_ip: plainAddress(ip),
  };
}
