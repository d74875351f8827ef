/**
 * Who is asking? One object for every transport: headers, cookies, Basic (PiKVM API 3.1: the first source that is
 * present decides), logins and sessions. Deliberately different from the original: successful password checks are
 * remembered for seconds, failures are throttled, and changing an account ends its sessions and open sockets.
 */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { AuthConfig } from "../../config/schema.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { plainAddress } from "../address.ts";
import type { Accounts } from "./accounts.ts";
import { CheckCache } from "./check-cache.ts";
import {
  SESSION_COOKIE,
  decodeBasic,
  parsePassword,
  parseToken,
  parseUser,
  readBasicPart,
  readCookie,
} from "./credentials.ts";
import { ForbiddenError, UnauthorizedError } from "./errors.ts";
import { PasswordChecker } from "./password-check.ts";
import { totpSecretPath } from "./paths.ts";
import type { Principal } from "./principal.ts";
import { RateLimiter } from "./rate-limit.ts";
import { Revocations } from "./revocations.ts";
import { Sessions } from "./sessions.ts";
import type { NewSession, SessionSummary } from "./sessions.ts";
import { TotpFile } from "./totp.ts";

export interface AuthOptions {
  readonly config: AuthConfig;
  readonly dataDir: string;
  readonly accounts: Accounts;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The part of a request that credentials are read from; a Fastify request is one. */
export interface AuthRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's address, trusted proxies taken into account. */
  readonly ip: string;
}

export interface LoginAttempt {
  readonly user: string;
  readonly password: string;
  /** Requested session life, 0 for as long as the server allows. */
  readonly expireSeconds: number;
  readonly address: string;
}

export interface Auth {
  /**
   * Who sent the request. Answers at once when it can, without a promise: this runs for every request.
   * Throws or rejects with `UnauthorizedError` (nothing offered), `ForbiddenError` (offered and wrong, or throttled),
   * `ValidationError` (malformed user, password or token).
   */
  authenticate(request: AuthRequest): Principal | Promise<Principal>;
  /** A new session. Rejects like `authenticate`. */
  login(attempt: LoginAttempt): Promise<NewSession>;
  /** Ends every session of the token's user; an unknown token is harmless. */
  logout(token: string): void;
  /** Ends sessions, open sockets and remembered checks of a user. */
  revoke(user: string): void;
  sessionsOf(user: string): readonly SessionSummary[];
  /** Counts an open socket of the principal's session until the result is called. */
  hold(principal: Principal): () => void;
  /** Stops watching files. */
  close(): void;
}

type PasswordVia = "header" | "basic";

class FileAuth implements Auth {
  readonly #options: AuthOptions;
  readonly #totp: TotpFile;
  readonly #limiter: RateLimiter;
  readonly #checker: PasswordChecker;
  readonly #cache: CheckCache;
  readonly #sessions: Sessions;
  readonly #revocations = new Revocations();
  readonly #pending = new Map<string, Promise<Principal>>();
  readonly #stops: (() => void)[];

  constructor(options: AuthOptions) {
    const { config, dataDir, accounts, files, clock, log } = options;
    this.#options = options;
    this.#totp = new TotpFile(files, totpSecretPath(config, dataDir), clock, log);
    this.#limiter = new RateLimiter(config.throttle, clock);
    const limiter = this.#limiter;
    this.#checker = new PasswordChecker({ accounts, totp: this.#totp, limiter, clock, log });
    this.#cache = new CheckCache(config.checkCacheSeconds, clock);
    this.#sessions = new Sessions({
      clock,
      expireSeconds: config.expireSeconds,
      extend: config.extend,
    });
    const onChange = (users: readonly string[]): void => {
      for (const user of users) this.revoke(user);
    };
    this.#stops = [accounts.onChange(onChange), accounts.watch()];
  }

  authenticate(request: AuthRequest): Principal | Promise<Principal> {
    if (this.#options.accounts.isStale() || this.#totp.isStale()) {
      return this.#refresh().then(() => this.#authenticate(request));
    }
    return this.#authenticate(request);
  }

  async login({ user, password, expireSeconds, address }: LoginAttempt): Promise<NewSession> {
    await this.#refresh();
    const name = parseUser(user);
    const attempt = {
      user: name,
      password: parsePassword(password),
      address: plainAddress(address),
      via: "login",
    } as const;
    const account = await this.#checker.check(attempt);
    this.#options.log.info({ user: name, address: attempt.address }, "Signed in");
    return this.#sessions.create(name, account.role, expireSeconds);
  }

  logout(token: string): void {
    const user = this.#sessions.find(token)?.user;
    if (user === undefined) return;
    this.#sessions.dropUser(user);
    this.#options.log.info({ user }, "Signed out");
  }

  revoke(user: string): void {
    this.#cache.dropUser(user);
    this.#sessions.dropUser(user);
    this.#revocations.revoke(user);
  }

  sessionsOf(user: string): readonly SessionSummary[] {
    return this.#sessions.list(user);
  }

  hold(principal: Principal): () => void {
    return this.#sessions.hold(principal);
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  async #refresh(): Promise<void> {
    await this.#options.accounts.refresh();
    if (await this.#totp.refresh()) this.#cache.clear();
  }

  #authenticate(request: AuthRequest): Principal | Promise<Principal> {
    const { headers } = request;
    const user = headers["x-kvmd-user"];
    if (typeof user === "string" && user !== "") {
      const password = headers["x-kvmd-passwd"];
      return this.#byPassword(
        request,
        "header",
        user,
        typeof password === "string" ? password : "",
      );
    }
    const { cookie, authorization } = headers;
    const token = typeof cookie === "string" ? readCookie(cookie, SESSION_COOKIE) : undefined;
    if (token !== undefined && token !== "") return this.#byToken(token);
    const encoded = typeof authorization === "string" ? readBasicPart(authorization) : undefined;
    const basic = encoded === undefined ? undefined : decodeBasic(encoded);
    if (basic === undefined) throw new UnauthorizedError();
    return this.#byPassword(request, "basic", basic.user, basic.password);
  }

  #byToken(token: string): Principal {
    const principal = this.#sessions.find(parseToken(token));
    if (principal === undefined) throw new ForbiddenError();
    return principal;
  }

  #byPassword(
    request: AuthRequest,
    via: PasswordVia,
    user: string,
    password: string,
  ): Principal | Promise<Principal> {
    const address = request.ip;
    // Before looking into the memory: a throttled address must not learn from it which password is right.
    if (this.#limiter.addressWaitMs(address) > 0) {
      parseUser(user);
      throw new ForbiddenError("Too many failed sign-ins, try again later");
    }
    const key = this.#cache.keyOf({ via, user, password, address });
    return this.#cache.get(key) ?? this.#joinCheck(key, { via, user, password, address });
  }

  /** Requests that arrive together with the same credential share one check. */
  #joinCheck(
    key: string,
    shown: { via: PasswordVia; user: string; password: string; address: string },
  ) {
    const running = this.#pending.get(key);
    if (running !== undefined) return running;
    const check = this.#check(key, shown).finally(() => {
      this.#pending.delete(key);
    });
    this.#pending.set(key, check);
    return check;
  }

  async #check(
    key: string,
    {
      via,
      user,
      password,
      address,
    }: { via: PasswordVia; user: string; password: string; address: string },
  ): Promise<Principal> {
    const name = parseUser(user);
    const attempt = {
      user: name,
      password: parsePassword(password),
      address: plainAddress(address),
      via,
    };
    const account = await this.#checker.check(attempt);
    const principal = this.#revocations.principalOf(name, account.role, via);
    this.#cache.put(key, principal);
    return principal;
  }
}

/** Starts watching the password file; `close` ends that. */
export function createAuth(options: AuthOptions): Auth {
  return new FileAuth(options);
}
