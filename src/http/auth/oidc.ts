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
import { AuthOverloadedError } from "./errors.ts";
import { GithubProvider } from "./github-provider.ts";
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

/** The provider did not vouch, or for somebody who has no account here. */
export class SignInRefusedError extends AppError {
  static readonly code = "SIGN_IN_REFUSED";
  constructor(message: string, options?: ErrorOptions) {
    super("forbidden", SignInRefusedError.code, message, options);
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
  /** Rejects with `SignInStateError`, `SignInRefusedError`, `ProviderError`, `AuthOverloadedError`. */
  finish(returned: ReturnedSignIn): Promise<NewSession>;
}

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

  async finish({ cookie, query, address, userAgent }: ReturnedSignIn): Promise<NewSession> {
    const { auth, log } = this.#options;
    const kept = this.#open(cookie, query["state"] ?? "");
    const { code = "", iss, error } = query;
    if (iss !== undefined && this.#provider.issuer !== undefined && iss !== this.#provider.issuer) {
      throw new SignInStateError();
    }
    if (code === "" || code.length > MAX_CODE) {
      log.warn({ address, reason: error?.slice(0, 64) ?? "" }, "Provider refused a sign-in");
      throw new SignInRefusedError("The provider has refused to sign you in");
    }
    const name = await this.#limited(() => this.#provider.identify({ ...kept, code }));
    const user = this.#accountOf.get(name);
    if (user === undefined) {
      log.warn({ address, name }, "Somebody whom the provider knows may not sign in here");
      throw new SignInRefusedError("This person has no account here");
    }
    return auth.admit({ user, address, userAgent });
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
