import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { StoredAccount } from "./account-list.ts";
import type { Accounts } from "./accounts.ts";
import {
  AuthOverloadedError,
  CodeRequiredError,
  CodeWrongError,
  ForbiddenError,
} from "./errors.ts";
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
  /** The one-time code, where it comes beside the password; undefined: it is the password's end. Empty: not sent. */
  readonly code?: string | undefined;
}

/** A wrong credential that was counted. */
export interface RefusedAttempt {
  /** Empty when the credential names none. */
  readonly user: string;
  readonly address: string;
}

export interface PasswordCheckerOptions {
  readonly accounts: Accounts;
  readonly totp: TotpFile;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every wrong credential; of none that is refused unseen. */
  readonly onRefused: (attempt: RefusedAttempt) => void;
}

/** What a check has found; `wrong` whatever the reason, `code` only after the right password. */
type Verdict = StoredAccount | "wrong" | "code missing" | "code wrong";

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

  /**
   * The account; rejects with `ForbiddenError` whatever the reason, or `AuthOverloadedError`. Only where the code comes
   * beside the password, and only after the right password: `CodeRequiredError`, `CodeWrongError`.
   */
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
    const { limiter } = this.#options;
    const { user, address } = attempt;
    // Others of the same account or address may have failed while this one waited for its turn.
    this.#mustNotWait(attempt);
    const verdict = await this.#verify(attempt);
    if (typeof verdict !== "string") {
      limiter.succeeded(user, address);
      return verdict;
    }
    // Says no more than that the password is right, which those who know it know.
    if (verdict === "code missing") throw new CodeRequiredError();
    this.#refuse(attempt);
    throw verdict === "wrong" ? new ForbiddenError() : new CodeWrongError();
  }

  #refuse({ user, address, via }: PasswordAttempt): void {
    const { limiter, log, onRefused } = this.#options;
    limiter.failed(user, address);
    log.warn({ user, address, via }, "Sign-in refused");
    onRefused({ user, address });
  }

  /** Does all of the work in every case, so that time tells nothing about which part was wrong. */
  async #verify(attempt: PasswordAttempt): Promise<Verdict> {
    const { accounts, totp } = this.#options;
    const account = accounts.find(attempt.user);
    const { password, code } = this.#partsOf(attempt);
    const step = totp.isOn ? await totp.stepOf(code, this.#options.clock.now()) : undefined;
    const isUsable = account?.isUsable === true;
    const hash = isUsable ? account.hash : this.#decoyFor(attempt.user);
    const isRight = await verifyPassword(password, hash);
    // The password may have been changed, or the account taken away, while the old one was being checked. That others
    // were changed, which reads all accounts anew, means nothing.
    const current = accounts.find(attempt.user);
    if (!isRight || !isUsable || current?.hash !== hash) return "wrong";
    return totp.isOn ? (this.#objectionToCode(attempt, step) ?? current) : current;
  }

  #partsOf({ password, code }: PasswordAttempt): { password: string; code: string } {
    if (code !== undefined || !this.#options.totp.isOn) return { password, code: code ?? "" };
    return splitCode(password);
  }

  /** After the right password. `step` is what the code belongs to; undefined for a wrong one. */
  #objectionToCode(
    { user, via, code }: PasswordAttempt,
    step: number | undefined,
  ): "wrong" | "code missing" | "code wrong" | undefined {
    if (code === "") return "code missing";
    const isFresh =
      step !== undefined && (via !== "login" || this.#options.totp.consume(user, step));
    if (isFresh) return undefined;
    return code === undefined ? "wrong" : "code wrong";
  }

  /** Checks the code alone, of somebody who is signed in. Codes are not used up by it. Rejects like `check`. */
  async confirm({ user, address, code }: RefusedAttempt & { code: string }): Promise<void> {
    const { totp, clock } = this.#options;
    if (!totp.isOn) return;
    const attempt = { user, address, password: "", via: "cookie" } as const;
    this.#mustNotWait(attempt);
    if (code === "") throw new CodeRequiredError();
    if ((await totp.stepOf(code, clock.now())) !== undefined) return;
    this.#refuse(attempt);
    throw new CodeWrongError();
  }

  /** An unknown user costs what some known one would: always the same, so that names cannot be told apart. */
  #decoyFor(user: string): string {
    const hashes = this.#options.accounts.hashes();
    const at = createHmac("sha256", this.#decoyKey).update(user).digest().readUInt32BE(0);
    return hashes[at % Math.max(1, hashes.length)] ?? this.#decoyHash;
  }
}
