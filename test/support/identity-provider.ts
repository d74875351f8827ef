// A provider for sign-ins: OpenID Connect and GitHub's way, over real HTTP, that can be told to misbehave.
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

type Claims = Readonly<Record<string, unknown>>;

export interface ProviderKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
}

export function providerKey(
  id: string,
  algorithm: ProviderKey["algorithm"] = "RS256",
): ProviderKey {
  switch (algorithm) {
    case "RS256":
      return { id, algorithm, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
    case "ES256":
      return { id, algorithm, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
    case "EdDSA":
      return { id, algorithm, ...generateKeyPairSync("ed25519") };
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A signed token. */
export function signToken(key: ProviderKey, claims: Claims, header: Claims = {}): string {
  const text = `${encode({ alg: key.algorithm, kid: key.id, ...header })}.${encode(claims)}`;
  const options = { key: key.privateKey, dsaEncoding: "ieee-p1363" } as const;
  const digest = key.algorithm === "EdDSA" ? null : "sha256";
  return `${text}.${sign(digest, Buffer.from(text), options).toString("base64url")}`;
}

/** Signed with nothing, or with the public key as if it were a secret: old tricks. */
export function forgedToken(kind: "none" | "HS256", key: ProviderKey, claims: Claims): string {
  const text = `${encode({ alg: kind, kid: key.id })}.${encode(claims)}`;
  if (kind === "none") return `${text}.`;
  const secret = key.publicKey.export({ type: "spki", format: "pem" });
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

interface Grant {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

export interface TestProvider {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who is signed in at the provider. */
  person: Claims;
  /** Keys that are shown; the first one signs. */
  keys: ProviderKey[];
  /** Replaces claims of the next tokens. */
  claims: Claims;
  /** Makes the whole token instead. */
  makeToken: ((claims: Claims) => string) | undefined;
  /** Replaces parts of the metadata. */
  metadata: Claims;
  /** Status of all answers; 200 by default. */
  status: number;
  /** Requests so far: method and path. */
  readonly requests: readonly string[];
  /** What a browser brings back after its owner has agreed, from the address that it was sent to. */
  agree(address: string): { readonly code: string; readonly state: string };
}

const read = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return new URLSearchParams(body);
};

class Provider implements TestProvider {
  url = "";
  readonly clientId = "farhand";
  readonly clientSecret = "s3cr%t & more";
  person: Claims = { sub: "248289761001", email: "jane@example.com", email_verified: true };
  keys: ProviderKey[];
  claims: Claims = {};
  makeToken: ((claims: Claims) => string) | undefined;
  metadata: Claims = {};
  status = 200;
  readonly requests: string[] = [];
  readonly #grants = new Map<string, Grant>();
  readonly #now: () => number;

  constructor(now: () => number, key: ProviderKey) {
    this.#now = now;
    this.keys = [key];
  }

  agree(address: string): { code: string; state: string } {
    const { searchParams, pathname } = new URL(address);
    const get = (name: string): string => searchParams.get(name) ?? "";
    if (!["/authorize", "/login/oauth/authorize"].includes(pathname)) throw new Error(pathname);
    if (get("client_id") !== this.clientId) throw new Error("Another client");
    if (get("code_challenge_method") !== "S256") throw new Error("No PKCE");
    const code = randomBytes(16).toString("hex");
    this.#grants.set(code, {
      challenge: get("code_challenge"),
      nonce: get("nonce"),
      redirectUri: get("redirect_uri"),
    });
    return { code, state: get("state") };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    this.requests.push(`${request.method ?? ""} ${path}`);
    const form = await read(request);
    if (path === "/authorize") {
      this.#sendBack(request, response);
      return;
    }
    const { status, body } = this.#reply(path, request, form);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  }

  /** A browser whose owner is signed in already, and agrees to everything. */
  #sendBack(request: IncomingMessage, response: ServerResponse): void {
    const address = new URL(request.url ?? "", this.url);
    const { code, state } = this.agree(address.href);
    const back = new URL(address.searchParams.get("redirect_uri") ?? "");
    back.search = new URLSearchParams({ code, state, iss: this.url }).toString();
    response.writeHead(302, { Location: back.href });
    response.end();
  }

  #reply(path: string, request: IncomingMessage, form: URLSearchParams) {
    if (this.status !== 200) return { status: this.status, body: { error: "server_error" } };
    switch (path) {
      case "/.well-known/openid-configuration":
        return { status: 200, body: this.#describe() };
      case "/keys":
        return { status: 200, body: { keys: this.keys.map(publicForm) } };
      case "/token":
        return this.#redeem(form, request.headers.authorization);
      case "/login/oauth/access_token":
        return this.#redeem(form, undefined);
      case "/api/v3/user":
        return { status: 200, body: this.person };
      default:
        return { status: 404, body: { error: "not_found" } };
    }
  }

  #describe(): Claims {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
      ...this.metadata,
    };
  }

  #redeem(form: URLSearchParams, authorization: string | undefined) {
    const get = (name: string): string => form.get(name) ?? "";
    const grant = this.#grants.get(get("code"));
    this.#grants.delete(get("code"));
    const refused = (error: string) => ({ status: 400, body: { error } });
    if (!this.#isClient(get("client_id"), get("client_secret"), authorization)) {
      return refused("invalid_client");
    }
    const challenge = createHash("sha256").update(get("code_verifier")).digest("base64url");
    const isRight = grant?.challenge === challenge && grant.redirectUri === get("redirect_uri");
    if (!isRight) return refused("invalid_grant");
    const now = Math.floor(this.#now() / 1000);
    const claims = {
      iss: this.url,
      aud: this.clientId,
      iat: now,
      exp: now + 300,
      nonce: grant.nonce,
      ...this.person,
      ...this.claims,
    };
    const [key] = this.keys;
    if (key === undefined) throw new Error("The provider has no key");
    const idToken = this.makeToken?.(claims) ?? signToken(key, claims);
    return { status: 200, body: { access_token: "at", token_type: "Bearer", id_token: idToken } };
  }

  #isClient(id: string, secret: string, authorization: string | undefined): boolean {
    if (authorization === undefined) return id === this.clientId && secret === this.clientSecret;
    const text = Buffer.from(authorization.replace("Basic ", ""), "base64").toString();
    const [user = "", password = ""] = text
      .split(":")
      .map((part) => decodeURIComponent(part.replaceAll("+", " ")));
    return user === this.clientId && password === this.clientSecret;
  }
}

function publicForm({ id, publicKey, algorithm }: ProviderKey): Claims {
  return { ...publicKey.export({ format: "jwk" }), kid: id, alg: algorithm, use: "sig" };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Listens on 127.0.0.1 until the test ends. `now` is the time of its tokens, `host` what it calls itself. */
export async function startProvider(
  now: () => number,
  key = providerKey("first"),
  host = "127.0.0.1",
): Promise<TestProvider> {
  const provider = new Provider(now, key);
  const server = createServer((request, response) => {
    void provider.answer(request, response);
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  provider.url = `http://${host}:${port}`;
  return provider;
}
