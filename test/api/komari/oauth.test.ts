// The two routes over real HTTP, in the whole program, against a provider over real HTTP.
import { describe, expect, it } from "vitest";
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
    const [session, used] = cookiesOf(done);
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
