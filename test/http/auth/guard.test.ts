import Fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { ForbiddenError } from "../../../src/http/auth/errors.ts";
import { authGuard } from "../../../src/http/auth/guard.ts";
import type { Access } from "../../../src/http/auth/principal.ts";
import {
  FIRST_PASSWORD,
  HTPASSWD,
  HTTP_CONFIG,
  ROLES,
  authFixture,
  headerLogin,
  htpasswdOf,
  markOf,
} from "../../support/auth-fixture.ts";
import type { AuthFixture } from "../../support/auth-fixture.ts";

const USERS = { admin: "pass", op: "pass", eye: "pass" };
const SESSION = { password: "pass", expireSeconds: 0, address: "127.0.0.1" };

async function setUp(): Promise<AuthFixture & { app: FastifyInstance }> {
  const fixture = authFixture({ users: USERS, files: { [ROLES]: "op:operator\neye:viewer\n" } });
  const app = Fastify({ exposeHeadRoutes: false });
  onTestFinished(() => app.close());
  await app.register(authGuard, { auth: fixture.auth, config: HTTP_CONFIG });
  return { ...fixture, app };
}

function addRoute(app: FastifyInstance, url: string, access: Access): void {
  app.route({
    method: ["GET", "POST"],
    url,
    config: { access },
    handler: (request) => ({ user: request.principal?.user ?? null }),
  });
}

describe("authGuard", () => {
  it.each([undefined, {}])("refuses to start with a route whose config is %j", async (config) => {
    const { app } = await setUp();
    const declare = (): unknown =>
      app.get("/open", config === undefined ? {} : { config }, () => "");
    expect(declare).toThrow("Route GET /open states no config.access");
  });

  it("sees routes of inner scopes too", async () => {
    const { app } = await setUp();
    app.register(
      async (scope) => {
        await Promise.resolve();
        scope.post("/open", () => "");
      },
      { prefix: "/api" },
    );
    await expect(app.ready()).rejects.toThrow("Route POST /api/open states no config.access");
  });

  it("refuses to start with a route of agents that cannot tell which agent it is", async () => {
    const { app } = await setUp();
    const declare = (): unknown => app.get("/a", { config: { access: "agent" } }, () => "");
    expect(declare).toThrow(
      "Route GET /a needs config.identify exactly when its access is 'agent'",
    );
  });

  it("lets nobody but the proven agent on routes of agents, whatever else is shown", async () => {
    const { app } = await setUp();
    app.get(
      "/report",
      {
        config: {
          access: "agent",
          identify: ({ headers }) => {
            if (headers.authorization !== "Bearer right") throw new ForbiddenError();
            return { node: 7, uuid: "u" };
          },
        },
      },
      ({ agent, principal }) => ({ agent, principal }),
    );
    const answers = await Promise.all([
      app.inject({ url: "/report", headers: { authorization: "Bearer right" } }),
      app.inject({ url: "/report", headers: headerLogin("admin", "pass").headers }),
      app.inject({ url: "/report" }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode === 200)).toEqual([true, false, false]);
    expect(answers[0].json()).toEqual({ agent: { node: 7, uuid: "u" }, principal: null });
  });

  it("shows guests who they are only when the credential is right", async () => {
    const { app } = await setUp();
    addRoute(app, "/nodes", "guest");
    const answers = await Promise.all([
      app.inject({ url: "/nodes" }),
      app.inject({ url: "/nodes", headers: { cookie: "auth_token=broken" } }),
      app.inject({ url: "/nodes", headers: headerLogin("admin", "wrong").headers }),
      app.inject({ url: "/nodes", headers: headerLogin("eye", "pass").headers }),
    ]);
    expect(answers.map(({ body }) => body)).toEqual([
      '{"user":null}',
      '{"user":null}',
      '{"user":null}',
      '{"user":"eye"}',
    ]);
  });

  it("lets whoever has to change the first password look, and says why nothing else is allowed", async () => {
    const { app, auth, files, clock } = await setUp();
    addRoute(app, "/look", "viewer");
    addRoute(app, "/press", "operator");
    const { headers } = headerLogin("op", "pass");
    const ask = (url: string) => app.inject({ url, headers });
    const session = await auth.login({ ...SESSION, user: "op" });
    expect((await ask("/press")).statusCode).toBe(200);
    files.edit(FIRST_PASSWORD, markOf("op", "pass"));
    await clock.advance(100);
    expect((await ask("/look")).statusCode).toBe(200);
    expect((await ask("/press")).json()).toMatchObject({ code: "FIRST_PASSWORD" });
    expect(session.principal.revoked.aborted).toBe(true);
    files.edit(HTPASSWD, htpasswdOf({ ...USERS, op: "another" }));
    await clock.advance(100);
    const next = headerLogin("op", "another").headers;
    expect((await app.inject({ url: "/press", headers: next })).statusCode).toBe(200);
  });

  it("lets everybody on public routes, whatever they show", async () => {
    const { app } = await setUp();
    addRoute(app, "/public", "public");
    const answers = await Promise.all([
      app.inject({ url: "/public" }),
      app.inject({ url: "/public", headers: { cookie: "auth_token=broken" } }),
      app.inject({ url: "/public", headers: headerLogin("admin", "wrong").headers }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => '{"user":null}'));
  });

  it("is exact about public paths", async () => {
    const { app } = await setUp();
    addRoute(app, "/public", "public");
    addRoute(app, "/*", "viewer");
    const paths = ["/public/", "/publicx", "/%20public", "/public%20", "/x/public"];
    const answers = await Promise.all(paths.map((url) => app.inject({ url })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([500, 500, 500, 500, 500]);
    for (const answer of answers) expect(answer.json()).toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("gives unknown paths to the not-found handler without asking who it is", async () => {
    const { app } = await setUp();
    expect((await app.inject({ url: "/nope" })).statusCode).toBe(404);
  });

  it.each<[string, Access, string | undefined]>([
    ["eye", "viewer", undefined],
    ["eye", "operator", "FORBIDDEN"],
    ["eye", "admin", "FORBIDDEN"],
    ["op", "viewer", undefined],
    ["op", "operator", undefined],
    ["op", "admin", "FORBIDDEN"],
    ["admin", "admin", undefined],
  ])("user %s on a route for %ss: %s", async (user, access, code) => {
    const { app } = await setUp();
    addRoute(app, "/route", access);
    const { headers } = headerLogin(user, "pass");
    const answer = await app.inject({ url: "/route", headers });
    expect(answer.json()).toMatchObject(code === undefined ? { user } : { code });
  });

  it("tells the handler who asks, also when the answer is remembered", async () => {
    const { app } = await setUp();
    addRoute(app, "/route", "viewer");
    const { headers } = headerLogin("op", "pass");
    for (let time = 0; time < 2; time += 1) {
      expect((await app.inject({ url: "/route", headers })).json()).toEqual({ user: "op" });
    }
  });
});

describe("changes authorized by a cookie", () => {
  const send = async (
    method: "GET" | "POST",
    more: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const { app, auth } = await setUp();
    addRoute(app, "/route", "viewer");
    const { token } = await auth.login({ ...SESSION, user: "admin" });
    const headers = { host: "kvm.lan", cookie: `auth_token=${token}`, ...more };
    return (await app.inject({ method, url: "/route", headers })).statusCode;
  };

  it.each([
    [{}],
    [{ origin: "http://kvm.lan" }],
    [{ "sec-fetch-site": "same-origin" }],
    [{ "sec-fetch-site": "none" }],
  ])("pass with %j", async (headers) => {
    expect(await send("POST", headers)).toBe(200);
  });

  it.each([
    [{ origin: "http://evil.example" }],
    [{ origin: "https://kvm.lan" }],
    [{ origin: "null" }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site" }],
  ])("are refused with %j", async (headers) => {
    expect(await send("POST", headers)).toBe(500);
  });

  it("are the only ones that are looked at", async () => {
    expect(await send("GET", { origin: "http://evil.example" })).toBe(200);
    const { app } = await setUp();
    addRoute(app, "/route", "viewer");
    const headers = { ...headerLogin("admin", "pass").headers, origin: "http://evil.example" };
    const answer = await app.inject({ method: "POST", url: "/route", headers });
    expect(answer.statusCode).toBe(200);
  });
});
