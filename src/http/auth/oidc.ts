/**
 * Sign-in through somebody else. What one sign-in needs until the browser is back travels in a sealed cookie: strangers
 * who begin thousands of them cost no memory, and nobody can finish what another browser has begun.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AuthConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError, describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { WebClient } from "../../platform/web/port.ts";
import type { Auth } from "./auth.ts";
import { AuthOverloadedError, ForbiddenError } from "./errors.ts";
import { GithubProvider } from "./github-provider.ts";
import { ProviderError } from "./identity-provider.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import { OpenidProvider } from "./openid-provider.ts";
import { CookieSeal } from "./cookie-seal.ts";
import type { NewSession, SessionClient } from "./sessions.ts";

/** The browser brought nothing back that was begun here, in this browser, a short while ago. */
export class SignInStateError extends AppError {
  static readonly code = "SIGN_IN_STATE";
  constructor(message = "Invalid state", options?: ErrorOptions) {
    super("invalid", SignInStateError.code, message, options);
  }
}

/** The provider, or its user, did not agree. */
export class SignInDeniedError extends AppError {
  static readonly code = "SIGN_IN_DENIED";
  constructor(message = "The provider has refused to sign you in", options?: ErrorOptions) {
    super("forbidden", SignInDeniedError.code, message, options);
  }
}

/** The provider vouches for somebody who has no account here. */
export class NoSuchPersonError extends AppError {
  static readonly code = "NO_SUCH_PERSON";
  constructor(message = "This person has no account here", options?: ErrorOptions) {
    super("forbidden", NoSuchPersonError.code, message, options);
  }
}

const LIFE_MS = 10 * 60_000;
/** Each holds a connection to the provider. */
const MAX_RUNNING = 8;
const MAX_CODE = 4096;

export interface OidcOptions {
  readonly config: AuthConfig["oidc"];
  readonly auth: Pick<Auth, "admit">;
  readonly web: WebClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where to send the browser, and what it has to keep until it is back. */
export interface BegunSignIn {
  readonly url: string;
  /** For a cookie that scripts and other sites' requests do not get, but their links do (`SameSite=Lax`). */
  readonly cookie: string;
  readonly lifeSeconds: number;
}

export interface ReturnedSignIn extends SessionClient {
  /** Of the cookie; empty when it is missing. */
  readonly cookie: string;
  /** Of the address: `code`, `state`, `iss`, `error`. */
  readonly query: Readonly<Record<string, string | undefined>>;
}

/** Sign-in through a provider. Failures of the network pass through. */
export interface Oidc {
  /** `callback` is where the browser comes back to, unless the configuration says so. */
  begin(callback: string): Promise<BegunSignIn>;
  /**
   * Rejects with `SignInStateError`, `SignInDeniedError`, `NoSuchPersonError`, `ProviderError`, `AuthOverloadedError`.
   */
  finish(returned: ReturnedSignIn): Promise<NewSession>;
}

/** Of a person or for want of one (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6); the others are faults of the set-up. */
const DENIALS = /^(?:access_denied|(?:interaction|login|consent|account_selection)_required)$/;

interface Kept {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

const random = (): string => randomBytes(32).toString("base64url");

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

class ProviderSignIn implements Oidc {
  readonly #options: OidcOptions;
  readonly #provider: IdentityProvider;
  readonly #seal: CookieSeal;
  readonly #accountOf: ReadonlyMap<string, string>;
  #running = 0;

  constructor(options: OidcOptions, provider: IdentityProvider) {
    this.#options = options;
    this.#provider = provider;
    this.#seal = new CookieSeal(options.clock, LIFE_MS);
    this.#accountOf = new Map(options.config.users.map(({ name, account }) => [name, account]));
  }

  async begin(callback: string): Promise<BegunSignIn> {
    const { redirectUri: configured } = this.#options.config;
    const redirectUri = configured === "" ? callback : configured;
    const kept: Kept = { state: random(), nonce: random(), verifier: random(), redirectUri };
    const challenge = createHash("sha256").update(kept.verifier).digest("base64url");
    const { state, nonce } = kept;
    const request = { state, nonce, redirectUri, challenge };
    const url = await this.#limited(() => this.#provider.addressFor(request));
    return { url, cookie: this.#seal.seal({ ...kept }), lifeSeconds: LIFE_MS / 1000 };
  }

  async finish({ cookie, query, ...client }: ReturnedSignIn): Promise<NewSession> {
    const kept = this.#open(cookie, query["state"] ?? "");
    const code = this.#codeIn(query, client.address);
    const name = await this.#limited(() => this.#provider.identify({ ...kept, code }));
    return this.#admit(name, client);
  }

  /** What the provider vouches with. Throws `SignInStateError`, `SignInDeniedError` or `ProviderError`. */
  #codeIn({ code = "", iss, error = "" }: ReturnedSignIn["query"], address: string): string {
    if (iss !== undefined && this.#provider.issuer !== undefined && iss !== this.#provider.issuer) {
      throw new SignInStateError();
    }
    if (code !== "" && code.length <= MAX_CODE) return code;
    const { log } = this.#options;
    log.warn({ address, reason: error.slice(0, 64) }, "Provider refused a sign-in");
    throw DENIALS.test(error) ? new SignInDeniedError() : new ProviderError("No code came back");
  }

  /** Rejects with `NoSuchPersonError`; the log has the name as the configuration wants it. */
  async #admit(name: string, client: SessionClient): Promise<NewSession> {
    const { auth, log } = this.#options;
    const user = this.#accountOf.get(name);
    if (user === undefined) {
      log.warn(
        { address: client.address, name },
        "Somebody whom the provider knows may not sign in here",
      );
      throw new NoSuchPersonError();
    }
    try {
      return await auth.admit({ user, ...client });
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error;
      log.warn({ name, user }, "auth.oidc.users names an account that does not exist");
      throw new NoSuchPersonError(undefined, { cause: error });
    }
  }

  #open(cookie: string, state: string): Kept {
    const kept = this.#seal.open(cookie) ?? {};
    const { state: begun = "", nonce = "", verifier = "", redirectUri = "" } = kept;
    if (begun === "" || !isSame(begun, state)) throw new SignInStateError();
    return { state, nonce, verifier, redirectUri };
  }

  /** A conversation with the provider. */
  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_RUNNING) throw new AuthOverloadedError();
    this.#running += 1;
    try {
      return await work();
    } catch (error) {
      this.#options.log.warn({ problem: describeError(error) }, "Sign-in by the provider failed");
      throw error;
    } finally {
      this.#running -= 1;
    }
  }
}

/** Undefined where the configuration names no provider. Nothing is asked before the first sign-in. */
export function createOidc(options: OidcOptions): Oidc | undefined {
  const { config, web, clock } = options;
  switch (config.provider) {
    case "off":
      return undefined;
    case "github":
      return new ProviderSignIn(options, new GithubProvider(config, web));
    case "oidc":
      return new ProviderSignIn(options, new OpenidProvider({ config, web, clock }));
  }
}
