import type { FastifyRequest } from "fastify";

/** Viewers read, operators also control (keys, power, media), admins may do everything (shell, accounts, settings). */
export const USER_ROLES = ["viewer", "operator", "admin"] as const;
export type UserRole = (typeof USER_ROLES)[number];

/**
 * What a route demands; every route states it as `config.access`. `public`: credentials are not looked at. `guest`: for
 * everybody, and people who are signed in see more; a credential that is wrong counts as none. `agent`: a monitored
 * node, as `config.identify` proves.
 */
export type Access = "public" | "guest" | "agent" | UserRole;

/** Who sent a request, as proven by its credentials. */
export interface Principal {
  readonly user: string;
  readonly role: UserRole;
  /** Which credential was used. */
  readonly via: "header" | "cookie" | "basic" | "token" | "local";
  /** `SessionSummary.id` of the session that the cookie belongs to. */
  readonly session?: string;
  /** `ApiTokenSummary.id` of the API token that was shown. */
  readonly tokenId?: string;
  /** Aborted when the session is revoked or the password changes: whoever holds a socket for it must close it. */
  readonly revoked: AbortSignal;
}

/** The monitored node that sent a request, as proven by its token. */
export interface AgentPrincipal {
  /** `NodeRecord.id` of the hub. */
  readonly node: number;
  readonly uuid: string;
}

/** Proves which node sent a request. Throws or rejects with `UnauthorizedError` or `ForbiddenError`. */
export type IdentifyAgent = (request: FastifyRequest) => AgentPrincipal | Promise<AgentPrincipal>;

/** Whether a role satisfies a demand. Nobody with a role is an agent. */
export function mayAccess(role: UserRole, access: Access): boolean {
  if (access === "public" || access === "guest") return true;
  if (access === "agent") return false;
  return USER_ROLES.indexOf(role) >= USER_ROLES.indexOf(access);
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null on public routes, where credentials are not looked at, for guests, and on routes of agents. */
    principal: Principal | null;
    /** Set on routes of agents only. */
    agent: AgentPrincipal | null;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** On routes of agents. */
    identify?: IdentifyAgent;
  }
}
