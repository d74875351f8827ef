import { plainAddress } from "../address.ts";
import type { CheckCache, Shown } from "./check-cache.ts";
import { parsePassword, parseUser } from "./credentials.ts";
import { ForbiddenError } from "./errors.ts";
import type { PasswordChecker } from "./password-check.ts";
import type { Principal } from "./principal.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { Revocations } from "./revocations.ts";

/** Credentials that come with every request. */
export interface ShownPassword extends Shown {
  readonly via: "header" | "basic";
}

export interface PasswordDoorOptions {
  readonly checker: PasswordChecker;
  readonly limiter: RateLimiter;
  readonly cache: CheckCache;
}

/** Clients that send name and password with every request: a right one is remembered for seconds. */
export class PasswordDoor {
  readonly #options: PasswordDoorOptions;
  readonly #revocations = new Revocations();
  readonly #pending = new Map<string, Promise<Principal>>();

  constructor(options: PasswordDoorOptions) {
    this.#options = options;
  }

  /** Answers at once where the check is remembered. Throws or rejects with `ForbiddenError` or `ValidationError`. */
  enter(shown: ShownPassword): Principal | Promise<Principal> {
    const { limiter, cache } = this.#options;
    // Before looking into the memory: a throttled address must not learn from it which password is right.
    if (limiter.addressWaitMs(shown.address) > 0) {
      parseUser(shown.user);
      throw new ForbiddenError("Too many failed sign-ins, try again later");
    }
    const key = cache.keyOf(shown);
    return cache.get(key) ?? this.#joinCheck(key, shown);
  }

  /** Forgets checks of a user, and ends what they have opened. */
  revoke(user: string): void {
    this.#options.cache.dropUser(user);
    this.#revocations.revoke(user);
  }

  /** Forgets all checks. */
  forgetAll(): void {
    this.#options.cache.clear();
  }

  /** Requests that arrive together with the same credential share one check. */
  #joinCheck(key: string, shown: ShownPassword): Promise<Principal> {
    const running = this.#pending.get(key);
    if (running !== undefined) return running;
    const check = this.#check(key, shown).finally(() => {
      this.#pending.delete(key);
    });
    this.#pending.set(key, check);
    return check;
  }

  async #check(key: string, { via, user, password, address }: ShownPassword): Promise<Principal> {
    const name = parseUser(user);
    const attempt = {
      user: name,
      password: parsePassword(password),
      address: plainAddress(address),
      via,
    };
    const account = await this.#options.checker.check(attempt);
    const principal = this.#revocations.principalOf(name, account.role, via);
    this.#options.cache.put(key, principal);
    return principal;
  }
}
