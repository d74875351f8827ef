import type { Principal, UserRole } from "./principal.ts";
import { createRevocation } from "./sessions.ts";

interface Kept {
  readonly controller: AbortController;
  readonly principals: Map<string, Principal>;
}

/** Principals of clients that send their password with every request: one object per user, role and kind of credential. */
export class Revocations {
  readonly #byUser = new Map<string, Kept>();

  /** Only for names of existing accounts, which bounds the memory. */
  principalOf(user: string, role: UserRole, via: Principal["via"]): Principal {
    const kept = this.#byUser.get(user) ?? {
      controller: createRevocation(),
      principals: new Map<string, Principal>(),
    };
    this.#byUser.set(user, kept);
    const key = `${role} ${via}`;
    const known = kept.principals.get(key);
    if (known !== undefined) return known;
    const principal: Principal = { user, role, via, revoked: kept.controller.signal };
    kept.principals.set(key, principal);
    return principal;
  }

  /** Aborts the signals of all principals of the user handed out so far. */
  revoke(user: string): void {
    const kept = this.#byUser.get(user);
    this.#byUser.delete(user);
    kept?.controller.abort();
  }
}
