import type { FastifyRequest } from "fastify";
import type { SessionCookie } from "./credentials.ts";

/** The part of a request that decides how cookies are set; a Fastify request is one. */
export type CookieRequest = Pick<FastifyRequest, "protocol">;

/** `Set-Cookie` for a session: out of reach of scripts and of other sites, and never over plain HTTP when there is TLS. */
export function sessionCookie(request: CookieRequest, name: SessionCookie, token: string): string {
  const secure = request.protocol === "https" ? "; Secure" : "";
  return `${name}=${token}; HttpOnly; Path=/; SameSite=Strict${secure}`;
}

/** `Set-Cookie` that takes it back. */
export function expiredCookie(request: CookieRequest, name: SessionCookie): string {
  return `${sessionCookie(request, name, "")}; Max-Age=0`;
}
