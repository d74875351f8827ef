/**
 * Who is asking? One object for every transport: headers, cookies, Basic (PiKVM API 3.1: the first source that is
 * present decides), logins and sessions. Deliberately different from the original: successful password checks are
 * remembered for seconds, failures are throttled, and changing an account ends its sessions and open sockets.
 */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Unsubscribe } from "../../core/store.ts";
import type { AuthConfig } from "../../config/schema.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { plainAddress } from "../address.ts";
import type { StoredAccount } from "./account-list.ts";
import type { Accounts } from "./accounts.ts";
import { FileApiTokens } from "./api-tokens.ts";
import type { ApiTokens } from "./api-tokens.ts";
import { readApiToken } from "./api-token-file.ts";
import type { AuthEvent } from "./auth-events.ts";
import { CheckCache } from "./check-cache.ts";
import {
  SESSION_COOKIE,
  SESSION_COOKIES,
  decodeBasic,
  parsePassword,
  parseToken,
  parseUser,
  readBasicPart,
  readBearerSession,
  readCookie,
} from "./credentials.ts";
import type { BasicCredentials } from "./credentials.ts";
import { ForbiddenError, UnauthorizedError } from "./errors.ts";
import { PasswordChecker } from "./password-check.ts";
import { PasswordDoor } from "./password-door.ts";
import type { RefusedAttempt } from "./password-check.ts";
import { apiTokensPath, totpSecretPath } from "./paths.ts";
import type { Principal } from "./principal.ts";
import { RateLimiter } from "./rate-limit.ts";
import { Sessions } from "./sessions.ts";
import type { LoginMethod, NewSession, SessionClient, SessionSummary } from "./sessions.ts";
import { TotpFile } from "./totp.ts";
import { WrongTokens } from "./wrong-tokens.ts";

export interface AuthOptions {
  readonly config: AuthConfig;
  readonly dataDir: string;
  readonly accounts: Accounts;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Those of a predecessor in the same process, so that nobody has to sign in again. */
  readonly sessions?: Sessions | undefined;
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
  /**
   * The one-time code where it comes beside the password (Komari), empty when it was not sent; undefined: the password
   * ends with it (PiKVM).
   */
  readonly code?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Somebody whom an identity provider vouches for. */
export interface VouchedVisitor extends SessionClient {
  /** The account that they are mapped to. */
  readonly user: string;
}

export interface Auth {
  /** For a successor in the same process. */
  readonly sessions: Sessions;
  /**
   * Who sent the request. Answers at once when it can, without a promise: this runs for every request.
   * Throws or rejects with `UnauthorizedError` (nothing offered), `ForbiddenError` (offered and wrong, or throttled),
   * `ValidationError` (malformed user, password or token).
   */
  authenticate(request: AuthRequest): Principal | Promise<Principal>;
  /**
   * A new session. Rejects like `authenticate`; where the code comes beside the password also with `CodeRequiredError`
   * and `CodeWrongError`, both only after the right password.
   */
  login(attempt: LoginAttempt): Promise<NewSession>;
  /** A new session without a password. Rejects with `ForbiddenError` when there is no such account. */
  admit(visitor: VouchedVisitor): Promise<NewSession>;
  /**
   * The one-time code once more, before a dangerous act. Resolves at once when none are in use, and for API tokens.
   * Rejects with `CodeRequiredError` for an empty code, `CodeWrongError`, or `ForbiddenError` when throttled.
   */
  confirm(principal: Principal, code: string, address: string): Promise<void>;
  /** Whether the user may only read until the first password is another one; as of the last request. */
  mustChangePassword(user: string): boolean;
  /** Whether sign-ins need a one-time code; as of the last request. */
  readonly needsCode: boolean;
  /** Ends every session of the token's user (PiKVM); an unknown token is harmless. */
  logout(token: string): void;
  /** Ends one session, by its id. False when the user has none of this id. */
  endSession(user: string, id: string): boolean;
  /** Ends all sessions of the user but for the one with the id `except`. */
  endSessions(user: string, except?: string): void;
  /** Ends sessions, open sockets and remembered checks of a user; API tokens stay. */
  revoke(user: string): void;
  sessionsOf(user: string): readonly SessionSummary[];
  readonly tokens: ApiTokens;
  /** Called synchronously. */
  subscribe(listener: (event: AuthEvent) => void): Unsubscribe;
  /** Counts an open socket of the principal's session until the result is called. */
  hold(principal: Principal): () => void;
  /** Stops watching files. */
  close(): void;
}

function readBasic(header: string): BasicCredentials | undefined {
  const encoded = readBasicPart(header);
  return encoded === undefined ? undefined : decodeBasic(encoded);
}

const OTHER_SESSION_COOKIES = SESSION_COOKIES.filter((name) => name !== SESSION_COOKIE);

function clientOf({ headers, ip }: AuthRequest): SessionClient {
  const agent = headers["user-agent"];
  return { address: plainAddress(ip), userAgent: typeof agent === "string" ? agent : "" };
}

class FileAuth implements Auth {
  readonly sessions: Sessions;
  readonly #options: AuthOptions;
  readonly #totp: TotpFile;
  readonly #limiter: RateLimiter;
  readonly #checker: PasswordChecker;
  readonly #door: PasswordDoor;
  readonly #tokens: FileApiTokens;
  readonly #wrongTokens = new WrongTokens();
  readonly #listeners = new Set<{ notify: (event: AuthEvent) => void }>();
  readonly #stops: (() => void)[];

  constructor(options: AuthOptions) {
    const { config, dataDir, accounts, files, clock, log } = options;
    this.#options = options;
    this.#totp = new TotpFile(files, totpSecretPath(config, dataDir), clock, log);
    this.#limiter = new RateLimiter(config.throttle, clock);
    const limiter = this.#limiter;
    const onRefused = (attempt: RefusedAttempt): void => {
      this.#tell({ kind: "refused", ...attempt });
    };
    const shared = { accounts, clock, log };
    this.#checker = new PasswordChecker({ ...shared, totp: this.#totp, limiter, onRefused });
    this.#tokens = new FileApiTokens({ ...shared, files, path: apiTokensPath(dataDir) });
    const cache = new CheckCache(config.checkCacheSeconds, clock);
    this.#door = new PasswordDoor({ checker: this.#checker, limiter, cache });
    const { expireSeconds, extend } = config;
    this.sessions = options.sessions ?? new Sessions({ clock, expireSeconds, extend });
    const onChange = (users: readonly string[]): void => {
      for (const user of users) this.revoke(user);
      this.#tokens.cut(users);
    };
    this.#stops = [accounts.onChange(onChange), accounts.watch()];
  }

  authenticate(request: AuthRequest): Principal | Promise<Principal> {
    if (this.#options.accounts.isStale() || this.#totp.isStale() || this.#tokens.isStale()) {
      return this.#refresh().then(() => this.#authenticate(request));
    }
    return this.#authenticate(request);
  }

  async login(shown: LoginAttempt): Promise<NewSession> {
    await this.#refresh();
    const name = parseUser(shown.user);
    const address = plainAddress(shown.address);
    const { expireSeconds, code, userAgent = "" } = shown;
    const password = parsePassword(shown.password);
    const account = await this.#checker.check({
      user: name,
      password,
      address,
      code,
      via: "login",
    });
    return this.#begin(account, { address, userAgent, method: "password" }, expireSeconds);
  }

  async admit({ user, address: shown, userAgent }: VouchedVisitor): Promise<NewSession> {
    await this.#refresh();
    const account = this.#options.accounts.find(user);
    if (account === undefined) throw new ForbiddenError();
    const address = plainAddress(shown);
    return this.#begin(account, { address, userAgent, method: "oidc" }, 0);
  }

  async confirm({ user, via }: Principal, code: string, address: string): Promise<void> {
    await this.#refresh();
    if (via === "token") return;
    await this.#checker.confirm({ user, code, address: plainAddress(address) });
  }

  mustChangePassword(user: string): boolean {
    return this.#options.accounts.find(user)?.firstPassword === "change";
  }

  get needsCode(): boolean {
    return this.#totp.isOn;
  }

  get tokens(): ApiTokens {
    return this.#tokens;
  }

  logout(token: string): void {
    const user = this.sessions.find(token)?.user;
    if (user === undefined) return;
    this.endSessions(user);
  }

  endSession(user: string, id: string): boolean {
    return this.sessions.drop(user, id);
  }

  endSessions(user: string, except?: string): void {
    this.sessions.dropUser(user, except);
    this.#options.log.info({ user }, "Signed out");
    this.#tell({ kind: "signedOut", user });
  }

  revoke(user: string): void {
    this.#door.revoke(user);
    this.sessions.dropUser(user);
    this.#tokens.cutUser(user);
  }

  sessionsOf(user: string): readonly SessionSummary[] {
    return this.sessions.list(user);
  }

  hold(principal: Principal): () => void {
    return this.sessions.hold(principal);
  }

  subscribe(notify: (event: AuthEvent) => void): Unsubscribe {
    const entry = { notify };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#tokens.close();
  }

  #tell(event: AuthEvent): void {
    for (const { notify } of this.#listeners) notify(event);
  }

  #begin(
    { user, role }: StoredAccount,
    start: SessionClient & { method: LoginMethod },
    expireSeconds: number,
  ): NewSession {
    const { address, method } = start;
    this.#options.log.info({ user, address, method }, "Signed in");
    this.#tell({ kind: "signedIn", user, address, method });
    return this.sessions.create(user, role, expireSeconds, start);
  }

  async #refresh(): Promise<void> {
    await this.#options.accounts.refresh();
    const [isOther] = await Promise.all([this.#totp.refresh(), this.#tokens.refresh()]);
    if (isOther) this.#door.forgetAll();
  }

  #authenticate(request: AuthRequest): Principal | Promise<Principal> {
    const { headers } = request;
    const user = headers["x-kvmd-user"];
    if (typeof user === "string" && user !== "") {
      const header = headers["x-kvmd-passwd"];
      const password = typeof header === "string" ? header : "";
      return this.#door.enter({ via: "header", user, password, address: request.ip });
    }
    const { cookie, authorization = "" } = headers;
    const shown = typeof authorization === "string" ? authorization : "";
    const token = readApiToken(shown);
    // A right token counts whatever else was sent, a wrong one only when nothing else was (Nezha 2.1).
    const byToken = token === undefined ? undefined : this.#tokens.find(token);
    if (byToken !== undefined) return byToken;
    const bySession = this.#bySession(readBearerSession(shown) ?? cookie, request);
    if (bySession !== undefined) return bySession;
    const basic = readBasic(shown);
    if (basic !== undefined)
      return this.#door.enter({ ...basic, via: "basic", address: request.ip });
    if (token === undefined) throw new UnauthorizedError();
    this.#refuseToken(token, request.ip);
    throw new ForbiddenError();
  }

  /**
   * The first live session of the cookies of all dialects; undefined without any. Throws when PiKVM's own cookie is there
   * and not good. The others have names that programs on other ports of the same host use, too: they may be anything.
   */
  #bySession(
    cookie: string | readonly string[] | undefined,
    request: AuthRequest,
  ): Principal | undefined {
    if (typeof cookie !== "string") return undefined;
    const own = readCookie(cookie, SESSION_COOKIE) ?? "";
    const byOwn = own === "" ? undefined : this.#sessionOf(own, request);
    if (byOwn !== undefined) return byOwn;
    for (const name of OTHER_SESSION_COOKIES) {
      const token = readCookie(cookie, name);
      const principal = token === undefined ? undefined : this.#sessionOf(token, request);
      if (principal !== undefined) return principal;
    }
    if (own === "") return undefined;
    parseToken(own);
    throw new ForbiddenError();
  }

  #sessionOf(token: string, request: AuthRequest): Principal | undefined {
    return this.sessions.find(token, clientOf(request));
  }

  /** A program that goes on with a token that was revoked counts once: it must not lock its neighbors out. */
  #refuseToken(token: string, ip: string): void {
    if (!this.#wrongTokens.isNew(token)) return;
    const address = plainAddress(ip);
    this.#limiter.failedNameless(address);
    this.#options.log.warn({ address }, "API token refused");
    this.#tell({ kind: "refused", user: "", address });
  }
}

/** Starts watching the password file; `close` ends that. */
export function createAuth(options: AuthOptions): Auth {
  return new FileAuth(options);
}
