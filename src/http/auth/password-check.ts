import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { StoredAccount } from "./account-list.ts";
import type { Accounts } from "./accounts.ts";
import { AuthOverloadedError, ForbiddenError } from "./errors.ts";
import { verifyPassword } from "./passwords.ts";
import type { Principal } from "./principal.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { unmatchableScryptHash } from "./scrypt-hash.ts";
import { splitCode } from "./totp.ts";
import type { TotpFile } from "./totp.ts";

export interface PasswordAttempt {
  readonly user: string;
  readonly password: string;
  readonly address: string;
  /** A login hands out a session and consumes its one-time code; the others only answer one request. */
  readonly via: Principal["via"] | "login";
}

export interface PasswordCheckerOptions {
  readonly accounts: Accounts;
  readonly totp: TotpFile;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Each check holds 32 MiB and a thread. */
const MAX_RUNNING = 2;
const MAX_WAITING = 64;

/** Lets two checks run at a time and sixty-four wait. */
class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running < MAX_RUNNING) this.#running += 1;
    else await this.#queue();
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #queue(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw new AuthOverloadedError();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

/** The complete, slow check of a user name and password, throttled, with nothing remembered. */
export class PasswordChecker {
  readonly #options: PasswordCheckerOptions;
  readonly #turnstile = new Turnstile();
  readonly #decoyKey = randomBytes(32);
  readonly #decoyHash = unmatchableScryptHash();

  constructor(options: PasswordCheckerOptions) {
    this.#options = options;
  }

  /** The account; rejects with `ForbiddenError` whatever the reason, or `AuthOverloadedError`. */
  check(attempt: PasswordAttempt): Promise<StoredAccount> {
    this.#mustNotWait(attempt);
    return this.#turnstile.pass(() => this.#check(attempt));
  }

  #mustNotWait({ user, address, via }: PasswordAttempt): void {
    const { limiter, log } = this.#options;
    const waitMs = limiter.waitMs(user, address);
    if (waitMs <= 0) return;
    log.debug({ user, address, via, waitMs }, "Sign-in refused while throttled");
    throw new ForbiddenError("Too many failed sign-ins, try again later");
  }

  async #check(attempt: PasswordAttempt): Promise<StoredAccount> {
    const { limiter, log } = this.#options;
    const { user, address, via } = attempt;
    // Others of the same account or address may have failed while this one waited for its turn.
    this.#mustNotWait(attempt);
    const account = await this.#verify(attempt);
    if (account === undefined) {
      limiter.failed(user, address);
      log.warn({ user, address, via }, "Sign-in refused");
      throw new ForbiddenError();
    }
    limiter.succeeded(user, address);
    return account;
  }

  /** Does all of the work in every case, so that time tells nothing about which part was wrong. */
  async #verify({ user, password, via }: PasswordAttempt): Promise<StoredAccount | undefined> {
    const { accounts, totp, clock } = this.#options;
    const account = accounts.find(user);
    const isUsable = account?.isUsable === true;
    const parts = totp.isOn ? splitCode(password) : { password, code: undefined };
    const step = parts.code === undefined ? undefined : await totp.stepOf(parts.code, clock.now());
    const isRight = await verifyPassword(
      parts.password,
      isUsable ? account.hash : this.#decoyFor(user),
    );
    if (!isRight || !isUsable) return undefined;
    if (parts.code !== undefined) {
      if (step === undefined) return undefined;
      if (via === "login" && !totp.consume(user, step)) return undefined;
    }
    // The account may have changed while its old password was being checked.
    return accounts.find(user) === account ? account : undefined;
  }

  /** An unknown user costs what some known one would: always the same, so that names cannot be told apart. */
  #decoyFor(user: string): string {
    const hashes = this.#options.accounts.hashes();
    const at = createHmac("sha256", this.#decoyKey).update(user).digest().readUInt32BE(0);
    return hashes[at % Math.max(1, hashes.length)] ?? this.#decoyHash;
  }
}
