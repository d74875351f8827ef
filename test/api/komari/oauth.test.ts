// The two routes over real HTTP, in the whole program, against a provider over real HTTP.
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { oauthApi } from "../../../src/api/komari/oauth.ts";
import { ReplyTimeoutError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { AuthOverloadedError } from "../../../src/http/auth/errors.ts";
import { ProviderError } from "../../../src/http/auth/identity-provider.ts";
import {
  NoSuchPersonError,
  SignInDeniedError,
  SignInStateError,
} from "../../../src/http/auth/oidc.ts";
import type { Oidc } from "../../../src/http/auth/oidc.ts";
import { NetworkError } from "../../../src/platform/web/port.ts";
import { refusalIn } from "../../../src/protocol/komari/sign-in.ts";
import { createTestApp } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import type { HttpReply } from "../../support/http-request.ts";
import { startProvider } from "../../support/identity-provider.ts";

const PERSON = "248289761001";

async function setUp() {
  const provider = await startProvider(() => Date.now());
  const oidc = {
    provider: "oidc",
    issuer: provider.url,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    users: [{ name: PERSON, account: "admin" }],
  };
  const test = await createTestApp({ config: { roles: ["hub"], auth: { oidc } } });
  return { provider, test };
}

/** None of ours has a comma in it. */
const cookiesOf = ({ headers }: HttpReply): string[] =>
  [headers["set-cookie"] ?? []].flat().flatMap((cookie) => cookie.split(", "));

const nameAndValue = (cookie: string | undefined): string => cookie?.split(";")[0] ?? "";

const visit = (test: TestApp, path: string, cookie = "") =>
  test.call("GET", path, { headers: cookie === "" ? {} : { Cookie: cookie } });

/** As browsers say what they take when somebody follows a link. */
const BROWSER = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const PROGRAMS = ["*/*", "application/json"];

/** What comes of a sign-in that ends in this way, for whoever sends these headers. */
async function ending(problem: Error | undefined, headers: Record<string, string>) {
  const oidc: Oidc = {
    begin: () => Promise.reject(problem ?? new Error("not reached")),
    finish: () => Promise.reject(problem ?? new Error("not reached")),
  };
  const app = Fastify();
  await app.register(oauthApi, {
    oidc: problem === undefined ? undefined : oidc,
    config: { hub: { themes: { path: "", active: "" } } },
    log: silentLogger,
  });
  onTestFinished(() => app.close());
  const paths = ["/api/oauth", "/api/oauth_callback?code=x&error=%3Cscript%3E&sign-in=//evil"];
  return Promise.all(paths.map((url) => app.inject({ url, headers })));
}

describe("a sign-in that came to nothing", () => {
  it.each([
    ["denied", new SignInDeniedError(), 401],
    ["unknown", new NoSuchPersonError(), 401],
    ["expired", new SignInStateError(), 400],
    ["unavailable", new ProviderError("<b>no</b>"), 503],
    ["unavailable", new NetworkError("refuses the connection"), 503],
    ["unavailable", new ReplyTimeoutError("no answer"), 504],
    ["busy", new AuthOverloadedError(), 503],
    ["off", undefined, 403],
    ["failed", new Error("a secret"), 500],
  ] as const)("is told to the sign-in page as '%s', and to programs as JSON", async (...row) => {
    const [word, error, status] = row;
    for (const { statusCode, headers, body } of await ending(error, BROWSER)) {
      expect([statusCode, headers.location, body]).toEqual([302, `/fleet?sign-in=${word}`, ""]);
    }
    for (const accept of PROGRAMS) {
      for (const { statusCode, headers, body } of await ending(error, { accept })) {
        expect([statusCode, headers.location]).toEqual([status, undefined]);
        expect(headers["content-type"]).toContain("application/json");
        expect(JSON.parse(body)).toMatchObject({ status: "error" });
        expect(body).not.toContain("secret");
      }
    }
  });

  it("uses up what the browser kept for it", async () => {
    const [, back] = await ending(new SignInDeniedError(), BROWSER);
    expect(back?.headers["set-cookie"]).toMatch(/^oauth_state=; .*Max-Age=0/);
  });

  it("is known by our own words only", () => {
    expect(refusalIn("?sign-in=denied")).toBe("denied");
    for (const query of ["", "?sign-in=", "?sign-in=<b>", "?sign-in=toString", "?other=denied"]) {
      expect(refusalIn(query)).toBeUndefined();
    }
  });
});

describe("sign-in through a provider", () => {
  it("goes there and back, and ends at the pages with a session", async () => {
    const { provider, test } = await setUp();
    const begun = await visit(test, "/api/oauth");
    expect(begun.status).toBe(302);
    const [state] = cookiesOf(begun);
    expect(state).toMatch(
      /^oauth_state=[\w-]+; HttpOnly; Path=\/api\/oauth_callback; SameSite=Lax; Max-Age=600$/,
    );
    const address = String(begun.headers["location"]);
    const callback = new URL(address).searchParams.get("redirect_uri");
    expect(callback).toBe(`${test.url}/api/oauth_callback`);
    const query = new URLSearchParams(provider.agree(address)).toString();
    const done = await visit(test, `/api/oauth_callback?${query}`, nameAndValue(state));
    expect([done.status, done.headers["location"]]).toEqual([302, "/"]);
    const [used, session] = cookiesOf(done);
    expect(session).toMatch(/^session_token=[0-9a-f]{64}; HttpOnly; Path=\/; SameSite=Strict$/);
    expect(used).toMatch(/^oauth_state=; .*Max-Age=0/);
    const me = await visit(test, "/api/me", nameAndValue(session));
    expect(JSON.parse(me.body)).toMatchObject({ logged_in: true, username: "admin" });
  });

  it("is refused without the cookie that it began with, in the words of the original", async () => {
    const { provider, test } = await setUp();
    const begun = await visit(test, "/api/oauth");
    const agreed = provider.agree(String(begun.headers["location"]));
    const query = new URLSearchParams(agreed).toString();
    const { status, body } = await visit(test, `/api/oauth_callback?${query}`);
    expect([status, JSON.parse(body)]).toEqual([
      400,
      { status: "error", message: "Invalid state" },
    ]);
  });

  it("is refused for those who are not in the list", async () => {
    const { provider, test } = await setUp();
    provider.person = { sub: "somebody else" };
    const begun = await visit(test, "/api/oauth");
    const agreed = provider.agree(String(begun.headers["location"]));
    const path = `/api/oauth_callback?${new URLSearchParams(agreed).toString()}`;
    const reply = await visit(test, path, nameAndValue(cookiesOf(begun)[0]));
    expect([reply.status, JSON.parse(reply.body)]).toEqual([
      401,
      { status: "error", message: "please log in and bind your external account first." },
    ]);
    expect(cookiesOf(reply).join()).not.toContain("session_token");
  });

  it("says that the provider is away, and nothing that it has said", async () => {
    const { provider, test } = await setUp();
    provider.status = 500;
    const { status, body } = await visit(test, "/api/oauth");
    expect([status, JSON.parse(body)]).toMatchObject([503, { status: "error" }]);
  });

  it("is told to pages, and off without a provider", async () => {
    const { test } = await setUp();
    const settings = async (app: TestApp): Promise<unknown> =>
      JSON.parse((await visit(app, "/api/public")).body);
    expect(await settings(test)).toMatchObject({
      data: { oauth_enable: true, oauth_provider: "generic" },
    });
    const plain = await createTestApp({ config: { roles: ["hub"] } });
    expect(await settings(plain)).toMatchObject({ data: { oauth_enable: false } });
    for (const path of ["/api/oauth", "/api/oauth_callback?code=x&state=y"]) {
      const { status, body } = await visit(plain, path);
      expect([status, JSON.parse(body)]).toEqual([
        403,
        { status: "error", error: "OAuth is not enabled" },
      ]);
    }
  });
});
