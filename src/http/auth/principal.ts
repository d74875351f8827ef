/** Viewers read, operators also control (keys, power, media), admins may do everything (shell, accounts, settings). */
export const USER_ROLES = ["viewer", "operator", "admin"] as const;
export type UserRole = (typeof USER_ROLES)[number];

/** What a route demands; every route states it as `config.access`. */
export type Access = "public" | UserRole;

/** Who sent a request, as proven by its credentials. */
export interface Principal {
  readonly user: string;
  readonly role: UserRole;
  /** Which credential was used. */
  readonly via: "header" | "cookie" | "basic" | "bearer";
  /** Aborted when the session is revoked or the password changes: whoever holds a socket for it must close it. */
  readonly revoked: AbortSignal;
}

/** Whether a role satisfies a demand. */
export function mayAccess(role: UserRole, access: Access): boolean {
  if (access === "public") return true;
  return USER_ROLES.indexOf(role) >= USER_ROLES.indexOf(access);
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null on public routes, where credentials are not looked at. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}
