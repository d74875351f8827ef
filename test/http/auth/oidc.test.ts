import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuthConfig } from "../../../src/config/schema.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { CookieSeal } from "../../../src/http/auth/cookie-seal.ts";
import { ProviderError, demandSafe } from "../../../src/http/auth/identity-provider.ts";
import {
  NoSuchPersonError,
  SignInDeniedError,
  SignInStateError,
  createOidc,
} from "../../../src/http/auth/oidc.ts";
import type { Oidc } from "../../../src/http/auth/oidc.ts";
import { NetworkError } from "../../../src/platform/web/port.ts";
import { createWebClient } from "../../../src/platform/web/node-web.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { AUTH_CONFIG, authFixture } from "../../support/auth-fixture.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import {
  forgedToken,
  providerKey,
  signToken,
  startProvider,
} from "../../support/identity-provider.ts";
import type { TestProvider } from "../../support/identity-provider.ts";

const CALLBACK = "http://kvm.example/api/oauth_callback";
const CLIENT = { address: "192.0.2.1", userAgent: "Browser/1" };
const KEY = providerKey("first");

async function setUp(config: Partial<AuthConfig["oidc"]> = {}) {
  const fixture = authFixture({ users: { admin: "pass", jane: "j" } });
  const { clock } = fixture;
  const provider = await startProvider(() => clock.now(), KEY);
  const oidc = createOidc({
    config: {
      ...AUTH_CONFIG.oidc,
      provider: "oidc",
      issuer: provider.url,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      users: [{ name: "248289761001", account: "jane" }],
      ...config,
    },
    auth: fixture.auth,
    web: createWebClient(systemClock),
    clock,
    log: silentLogger,
  });
  if (oidc === undefined) throw new Error("There is no provider");
  return { ...fixture, provider, oidc };
}

/** A whole sign-in, with what the browser brings back changed on its way. */
async function signIn(
  { oidc, provider }: { oidc: Oidc; provider: TestProvider },
  change: (query: Record<string, string>) => Record<string, string> = (query) => query,
) {
  const { url, cookie } = await oidc.begin(CALLBACK);
  return oidc.finish({ cookie, query: change({ ...provider.agree(url) }), ...CLIENT });
}

describe("sign-in through a provider", () => {
  it("opens a session of the account that the configuration names", async () => {
    const fixture = await setUp();
    const { principal } = await signIn(fixture);
    expect(principal).toMatchObject({ user: "jane", role: "admin", via: "cookie" });
    expect(fixture.auth.sessionsOf("jane")).toMatchObject([{ method: "oidc", ...CLIENT }]);
  });

  it("asks for a code for this server, with PKCE, state and nonce", async () => {
    const { oidc, provider } = await setUp();
    const { url, cookie, lifeSeconds } = await oidc.begin(CALLBACK);
    const { origin, pathname, searchParams } = new URL(url);
    expect(`${origin}${pathname}`).toBe(`${provider.url}/authorize`);
    const { state, nonce, code_challenge: challenge, ...others } = Object.fromEntries(searchParams);
    expect(others).toEqual({
      response_type: "code",
      client_id: "farhand",
      redirect_uri: CALLBACK,
      scope: "openid",
      code_challenge_method: "S256",
    });
    for (const text of [state, nonce, challenge]) expect(text).toMatch(/^[\w-]{43}$/);
    expect(new Set([state, nonce, challenge]).size).toBe(3);
    expect(cookie).not.toContain(state);
    expect(lifeSeconds).toBe(600);
  });

  it("comes back to where the configuration says, whatever the Host header was", async () => {
    const redirectUri = "https://fixed.example/api/oauth_callback";
    const fixture = await setUp({ redirectUri });
    const { url } = await fixture.oidc.begin("http://evil.example/api/oauth_callback");
    expect(new URL(url).searchParams.get("redirect_uri")).toBe(redirectUri);
    await expect(signIn(fixture)).resolves.toBeDefined();
  });

  it("is for those in the list only", async () => {
    const fixture = await setUp();
    fixture.provider.person = { sub: "666" };
    await expect(signIn(fixture)).rejects.toThrow(NoSuchPersonError);
    const gone = await setUp({ users: [{ name: "248289761001", account: "nobody" }] });
    await expect(signIn(gone)).rejects.toThrow(NoSuchPersonError);
  });

  it("knows people by their e-mail only when the provider has verified it", async () => {
    const users = [{ name: "jane@example.com", account: "jane" }];
    const fixture = await setUp({ userClaim: "email", users });
    await expect(signIn(fixture)).resolves.toBeDefined();
    for (const verified of [false, undefined, "true"]) {
      fixture.provider.claims = { email_verified: verified };
      await expect(signIn(fixture)).rejects.toThrow(ProviderError);
    }
  });

  it("sends the secret the way that the provider knows", async () => {
    const fixture = await setUp();
    fixture.provider.metadata = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
    await expect(signIn(fixture)).resolves.toBeDefined();
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)("takes signatures of %s", async (algorithm) => {
    const fixture = await setUp();
    fixture.provider.keys = [providerKey("other", algorithm)];
    await expect(signIn(fixture)).resolves.toBeDefined();
  });

  it("reads the keys again when the provider has new ones, but not for every wrong one", async () => {
    const fixture = await setUp();
    await signIn(fixture);
    fixture.provider.keys = [providerKey("second")];
    // Not yet: somebody may just be trying.
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
    await fixture.clock.advance(60_000);
    await expect(signIn(fixture)).resolves.toBeDefined();
    const reads = fixture.provider.requests.filter((line) => line === "GET /keys");
    expect(reads).toHaveLength(2);
  });
});

describe("what a browser brings back", () => {
  it.each([
    ["another state", (query: Record<string, string>) => ({ ...query, state: "x" })],
    ["no state", ({ code = "" }) => ({ code })],
    [
      "the word of another provider",
      (query: Record<string, string>) => ({ ...query, iss: "https://evil.example" }),
    ],
  ])("is refused with %s", async (_, change) => {
    const fixture = await setUp();
    await expect(signIn(fixture, change)).rejects.toThrow(SignInStateError);
    expect(fixture.provider.requests).not.toContain("POST /token");
  });

  it("is refused in a browser that has not begun it", async () => {
    const { oidc, provider } = await setUp();
    const query = provider.agree((await oidc.begin(CALLBACK)).url);
    const other = await oidc.begin(CALLBACK);
    for (const cookie of ["", "x", other.cookie]) {
      await expect(oidc.finish({ cookie, query, ...CLIENT })).rejects.toThrow(SignInStateError);
    }
  });

  it("is refused after ten minutes", async () => {
    const { oidc, provider, clock } = await setUp();
    const { url, cookie } = await oidc.begin(CALLBACK);
    const query = provider.agree(url);
    await clock.advance(600_001);
    await expect(oidc.finish({ cookie, query, ...CLIENT })).rejects.toThrow(SignInStateError);
  });

  it("is of use once", async () => {
    const { oidc, provider } = await setUp();
    const { url, cookie } = await oidc.begin(CALLBACK);
    const returned = { cookie, query: { ...provider.agree(url) }, ...CLIENT };
    await oidc.finish(returned);
    await expect(oidc.finish(returned)).rejects.toThrow(ProviderError);
  });

  it.each(["access_denied", "login_required", "consent_required"])(
    "may be the refusal of a person: %s",
    async (error) => {
      const fixture = await setUp();
      const denied = signIn(fixture, ({ state = "" }) => ({ state, error }));
      await expect(denied).rejects.toThrow(SignInDeniedError);
    },
  );

  it.each(["server_error", "invalid_scope", "<script>", ""])(
    "may be a fault of the provider: '%s'",
    async (error) => {
      const fixture = await setUp();
      const failed = signIn(fixture, ({ state = "" }) => ({ state, error }));
      await expect(failed).rejects.toThrow(new ProviderError("No code came back"));
    },
  );
});

describe("an ID token", () => {
  const now = (): number => Math.floor(fakeClock().now() / 1000);
  it.each([
    ["of another issuer", { iss: "https://evil.example" }],
    ["for another client", { aud: "other" }],
    ["for several clients, made for another", { aud: ["farhand", "other"], azp: "other" }],
    ["for several clients, made for nobody", { aud: ["farhand", "other"] }],
    ["of another sign-in", { nonce: "other" }],
    ["without a nonce", { nonce: undefined }],
    ["that has run out", { exp: now() - 61 }],
    ["without an end", { exp: undefined }],
    ["that begins later", { nbf: now() + 3600 }],
    ["without a person", { sub: undefined }],
    ["with a number for a person", { sub: 5 }],
  ])("%s is refused", async (_, claims) => {
    const fixture = await setUp();
    fixture.provider.claims = claims;
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
    expect(fixture.auth.sessionsOf("jane")).toEqual([]);
  });

  it.each(["none", "HS256"] as const)("with the signature %s is refused", async (kind) => {
    const fixture = await setUp();
    fixture.provider.makeToken = (claims) => forgedToken(kind, KEY, claims);
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
  });

  it("signed by somebody else under the provider's key's name is refused", async () => {
    const fixture = await setUp();
    const forger = providerKey(KEY.id);
    fixture.provider.makeToken = (claims) => signToken(forger, claims);
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
  });

  it("that brings its own key, or is no token, is refused", async () => {
    const fixture = await setUp();
    const forger = providerKey("own");
    const jwk = forger.publicKey.export({ format: "jwk" });
    fixture.provider.makeToken = (claims) => signToken(forger, claims, { jwk });
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
    for (const text of ["x", "a.b.c", "..."]) {
      fixture.provider.makeToken = () => text;
      await expect(signIn(fixture)).rejects.toThrow(ProviderError);
    }
  });
});

describe("a provider", () => {
  it("that calls itself something else is not believed", async () => {
    const fixture = await setUp();
    fixture.provider.metadata = { issuer: "https://other.example" };
    await expect(fixture.oidc.begin(CALLBACK)).rejects.toThrow(ProviderError);
  });

  it("is not sent a secret without encryption", async () => {
    const fixture = await setUp();
    fixture.provider.metadata = { token_endpoint: "http://id.example/token" };
    await expect(fixture.oidc.begin(CALLBACK)).rejects.toThrow("https://");
    for (const address of [
      "http://id.example",
      "ftp://127.0.0.1",
      "x",
      "http://127.0.0.1.evil.example",
    ]) {
      expect(() => demandSafe(address)).toThrow(ProviderError);
    }
    expect(demandSafe("http://[::1]:8080/x")).toBe("http://[::1]:8080/x");
  });

  it("that is down, or broken, fails the sign-in and nothing else", async () => {
    const fixture = await setUp();
    fixture.provider.status = 500;
    await expect(fixture.oidc.begin(CALLBACK)).rejects.toThrow("500: server_error");
    const away = await setUp({ issuer: "http://127.0.0.1:1" });
    await expect(away.oidc.begin(CALLBACK)).rejects.toThrow(NetworkError);
  });

  it("is asked by eight at a time at most", async () => {
    const { oidc } = await setUp();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => oidc.begin(CALLBACK)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
    await expect(oidc.begin(CALLBACK)).resolves.toBeDefined();
  });

  it("may be GitHub, where people are numbers", async () => {
    const users = [{ name: "583231", account: "jane" }];
    const fixture = await setUp({ provider: "github", users });
    fixture.provider.person = { id: 583_231, login: "octocat" };
    const { principal } = await signIn(fixture);
    expect(principal.user).toBe("jane");
    fixture.provider.person = { login: "583231" };
    await expect(signIn(fixture)).rejects.toThrow(ProviderError);
  });
});

describe("the seal of a cookie", () => {
  it("opens what was sealed here, and nothing that anybody has touched", () => {
    const seal = new CookieSeal(fakeClock(), 1000);
    const sealed = seal.seal({ a: "secret" });
    expect(seal.open(sealed)).toEqual({ a: "secret" });
    expect(new CookieSeal(fakeClock(), 1000).open(sealed)).toBeUndefined();
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("secret");
    const bytes = Buffer.from(sealed, "base64url");
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        expect(seal.open(damaged.toString("base64url"))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(seal.open(text)).toBeUndefined();
      }),
    );
  });
});
