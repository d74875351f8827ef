/** OpenID Connect Core 1.0: the authorization code flow, with PKCE (RFC 7636) and a checked ID token. */
import type { AuthConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { WebClient } from "../../platform/web/port.ts";
import { demandSafe, ProviderError } from "./identity-provider.ts";
import type { IdentityProvider, SignInGrant, SignInRequest } from "./identity-provider.ts";
import { callProvider, isTree, textOf } from "./provider-calls.ts";
import type { Tree } from "./provider-calls.ts";

/** Signatures with the provider's key only: neither none nor one made with a secret. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
];
const EDWARDS = ["EdDSA", "Ed25519"];
const KEEP_MS = 3_600_000;
/** A signature by an unknown key may mean new keys, or somebody who tries. */
const KEYS_AGAIN_AFTER_MS = 60_000;
const CLOCK_TOLERANCE_SECONDS = 60;

interface Described {
  readonly authorize: string;
  readonly token: string;
  readonly keys: string;
  /** Whether the secret goes into the form instead of a header. */
  readonly isSecretInForm: boolean;
}

/** Metadata of the provider (OpenID Connect Discovery 1.0). Throws `ProviderError`. */
function describedBy(metadata: Tree, issuer: string): Described {
  // Without this check one provider could speak for another.
  if (textOf(metadata, "issuer") !== issuer) {
    throw new ProviderError(`The provider calls itself '${textOf(metadata, "issuer")}'`);
  }
  const methods = metadata["token_endpoint_auth_methods_supported"];
  const known: readonly unknown[] = Array.isArray(methods) ? methods : ["client_secret_basic"];
  return {
    authorize: demandSafe(textOf(metadata, "authorization_endpoint")),
    token: demandSafe(textOf(metadata, "token_endpoint")),
    keys: demandSafe(textOf(metadata, "jwks_uri")),
    isSecretInForm: !known.includes("client_secret_basic"),
  };
}

interface Known<T> {
  readonly value: T;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export interface OpenidOptions {
  readonly config: AuthConfig["oidc"];
  readonly web: WebClient;
  readonly clock: Clock;
}

export class OpenidProvider implements IdentityProvider {
  readonly issuer: string;
  readonly #options: OpenidOptions;
  #described: Known<Described> | undefined;
  #keys: Known<Tree> | undefined;

  constructor(options: OpenidOptions) {
    this.#options = options;
    this.issuer = options.config.issuer;
  }

  async addressFor({ redirectUri, state, nonce, challenge }: SignInRequest): Promise<string> {
    const { clientId, scope } = this.#options.config;
    const url = new URL((await this.#describe()).authorize);
    const query = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  async identify(grant: SignInGrant): Promise<string> {
    const { config, web } = this.#options;
    const { token: url, isSecretInForm } = await this.#describe();
    const { clientId, clientSecret } = config;
    const form = {
      grant_type: "authorization_code",
      code: grant.code,
      redirect_uri: grant.redirectUri,
      code_verifier: grant.verifier,
    };
    const answer = await callProvider(
      web,
      isSecretInForm
        ? { url, form: { ...form, client_id: clientId, client_secret: clientSecret } }
        : { url, form, headers: { Authorization: basicOf(clientId, clientSecret) } },
    );
    const claims = await this.#check(textOf(answer, "id_token"), grant.nonce);
    return personIn(claims, config.userClaim);
  }

  async #describe(): Promise<Described> {
    const { web, clock } = this.#options;
    const now = clock.monotonic();
    if (this.#described !== undefined && now - this.#described.at < KEEP_MS) {
      return this.#described.value;
    }
    const base = this.issuer.replace(/\/$/, "");
    const metadata = await callProvider(web, { url: `${base}/.well-known/openid-configuration` });
    const value = describedBy(metadata, this.issuer);
    this.#described = { value, at: now };
    return value;
  }

  /** The keys; read again when they are older than that. */
  async #keysYoungerThan(ageMs: number): Promise<Tree> {
    const { web, clock } = this.#options;
    const now = clock.monotonic();
    if (this.#keys !== undefined && now - this.#keys.at < ageMs) return this.#keys.value;
    const value = await callProvider(web, { url: (await this.#describe()).keys });
    this.#keys = { value, at: now };
    return value;
  }

  async #check(token: string, nonce: string): Promise<Tree> {
    const { errors } = await import("jose");
    try {
      return await this.#verify(token, nonce, KEEP_MS).catch((error: unknown) => {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return this.#verify(token, nonce, KEYS_AGAIN_AFTER_MS);
      });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new ProviderError(`The ID token is not good: ${describeError(error)}`, {
        cause: error,
      });
    }
  }

  async #verify(token: string, nonce: string, keysAgeMs: number): Promise<Tree> {
    const { createLocalJWKSet, jwtVerify } = await import("jose");
    const { config, clock } = this.#options;
    const { keys } = await this.#keysYoungerThan(keysAgeMs);
    if (!Array.isArray(keys)) throw new ProviderError("The provider has no list of keys");
    const keySet = createLocalJWKSet({ keys: keys.filter(isTree) });
    const { payload } = await jwtVerify(token, keySet, {
      issuer: this.issuer,
      audience: config.clientId,
      algorithms: [...ALGORITHMS, ...EDWARDS],
      requiredClaims: ["sub", "exp", "iat", "nonce"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(clock.now()),
    });
    if (payload["nonce"] !== nonce) throw new ProviderError("The ID token is of another sign-in");
    const party = payload["azp"];
    const isOurs =
      party === undefined
        ? !Array.isArray(payload.aud) || payload.aud.length === 1
        : party === config.clientId;
    if (!isOurs) throw new ProviderError("The ID token was made for somebody else");
    return payload;
  }
}

/** OAuth 2.0 2.3.1: both are encoded like forms first. */
function basicOf(id: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString("base64")}`;
}

function personIn(claims: Tree, claim: string): string {
  // Some providers let people write any address into their profile.
  if (claim === "email" && claims["email_verified"] !== true) {
    throw new ProviderError("The provider has not verified the e-mail address");
  }
  return textOf(claims, claim);
}
