import type { FastifyInstance, InjectOptions } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { authRoutes } from "../../../src/api/kvmd/auth.ts";
import { installKvmdErrors } from "../../../src/api/kvmd/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { authGuard } from "../../../src/http/auth/guard.ts";
import { createHttpServer } from "../../../src/http/server.ts";
import { HTTP_CONFIG, authFixture, headerLogin } from "../../support/auth-fixture.ts";
import type { AuthFixture } from "../../support/auth-fixture.ts";

const FORM = "application/x-www-form-urlencoded";

interface Fixture extends AuthFixture {
  readonly app: FastifyInstance;
  login(form: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<Answer>;
  send(method: "GET" | "POST", path: string, headers?: Record<string, string>): Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly type: unknown;
  readonly cookie: unknown;
  readonly location: unknown;
  readonly body: string;
}

async function setUp(trustedProxies: string[] = []): Promise<Fixture> {
  const fixture = authFixture({ users: { admin: "admin" } });
  const { auth } = fixture;
  const config = { ...HTTP_CONFIG, trustedProxies, allowedOrigins: ["https://panel.example"] };
  const app = createHttpServer({ config, log: silentLogger });
  onTestFinished(() => app.close());
  await app.register(authGuard, { auth, config });
  app.register(
    (scope, _options, done) => {
      installKvmdErrors(scope);
      authRoutes(scope, { auth, config });
      done();
    },
    { prefix: "/api" },
  );
  const inject = async (options: InjectOptions): Promise<Answer> => {
    const { statusCode, headers, body } = await app.inject(options);
    return {
      status: statusCode,
      type: headers["content-type"],
      cookie: headers["set-cookie"],
      location: headers["location"],
      body,
    };
  };
  return {
    ...fixture,
    app,
    login: (form, headers = {}) =>
      inject({
        method: "POST",
        url: "/api/auth/login",
        headers: { "content-type": FORM, ...headers },
        payload: new URLSearchParams(form).toString(),
      }),
    send: (method, path, headers = {}) => inject({ method, url: `/api${path}`, headers }),
  };
}

const GOOD = { user: "admin", passwd: "admin" };
const OK = '{"ok":true,"result":{}}';

/** The value of the session cookie that an answer sets. */
function tokenOf({ cookie }: Answer): string {
  return /^auth_token=([0-9a-f]{64});/.exec(String(cookie))?.[1] ?? "";
}

function errorOf({ body }: Answer): unknown {
  const { ok, result } = JSON.parse(body);
  return ok === false ? result.error : undefined;
}

describe("POST /api/auth/login", () => {
  it("answers a form with a session cookie that scripts and other sites cannot use", async () => {
    const { login } = await setUp();
    const answer = await login(GOOD);
    expect([answer.status, answer.type, answer.body]).toEqual([
      200,
      "application/json; charset=utf-8",
      OK,
    ]);
    expect(answer.cookie).toMatch(/^auth_token=[0-9a-f]{64}; HttpOnly; Path=\/; SameSite=Strict$/);
  });

  it("adds Secure on an encrypted connection", async () => {
    const { login } = await setUp(["127.0.0.1"]);
    const { cookie } = await login(GOOD, { "x-forwarded-proto": "https" });
    expect(cookie).toMatch(/; SameSite=Strict; Secure$/);
  });

  it("reads a multipart form", async () => {
    const { app } = await setUp();
    const form = new FormData();
    for (const [name, value] of Object.entries(GOOD)) form.append(name, value);
    const body = new Response(form);
    const answer = await app.inject({
      method: "POST",
      url: "/api/auth/login",
      headers: { "content-type": body.headers.get("content-type") ?? "" },
      payload: Buffer.from(await body.arrayBuffer()),
    });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ["multipart/form-data", "garbage"],
    ["multipart/form-data; boundary=x", "--x\r\nbroken"],
    ["application/json", JSON.stringify(GOOD)],
    ["application/json", "{"],
    ["text/plain", "user=admin&passwd=admin"],
    [FORM, ""],
    [FORM, "%zz=&&==&user"],
  ])("sees no user in a body of type %s that is %j", async (type, payload) => {
    const { app } = await setUp();
    const answer = await app.inject({
      method: "POST",
      url: "/api/auth/login?user=admin&passwd=admin",
      headers: { "content-type": type },
      payload,
    });
    expect([answer.statusCode, answer.body]).toEqual([
      400,
      JSON.stringify({
        ok: false,
        result: {
          error: "ValidatorError",
          error_msg: "The argument '' is not a valid username characters",
        },
      }),
    ]);
  });

  it("sees no user without a body", async () => {
    const { send } = await setUp();
    const answer = await send("POST", "/auth/login");
    expect([answer.status, errorOf(answer)]).toEqual([400, "ValidatorError"]);
  });

  it.each([
    [{ user: "Admin" }, "The argument 'Admin' is not a valid username characters"],
    [{ passwd: "p\u00E4ss" }, "The argument is not a valid passwd characters"],
    [{ expire: "-1" }, "must be"],
    [{ expire: "1.1" }, "is not a valid"],
    [
      { redirect: "https://evil.example/" },
      "The argument 'https://evil.example/' is not a valid login redirect",
    ],
  ])("refuses %j", async (form, message) => {
    const { login } = await setUp();
    const answer = await login({ ...GOOD, ...form });
    expect([answer.status, errorOf(answer), answer.cookie]).toEqual([
      400,
      "ValidatorError",
      undefined,
    ]);
    expect(answer.body).toContain(message);
  });

  it.each([{ passwd: "nope" }, { user: "nobody" }, { passwd: "" }])(
    "answers 403 to %j",
    async (form) => {
      const { login } = await setUp();
      const answer = await login({ ...GOOD, ...form });
      expect([answer.status, errorOf(answer), answer.cookie]).toEqual([
        403,
        "ForbiddenError",
        undefined,
      ]);
    },
  );

  it("answers 403, not 429, while throttled", async () => {
    const { login } = await setUp();
    for (let time = 0; time < 6; time += 1) await login({ ...GOOD, passwd: "nope" });
    const answer = await login(GOOD);
    expect([answer.status, errorOf(answer)]).toEqual([403, "ForbiddenError"]);
  });

  it("redirects where that is allowed, with the same cookie", async () => {
    const { login } = await setUp();
    const answer = await login({ ...GOOD, redirect: "/kvm" });
    expect([answer.status, answer.type, answer.location, answer.body]).toEqual([
      302,
      "text/plain; charset=utf-8",
      "/kvm",
      "302: Found",
    ]);
    expect(answer.cookie).toMatch(/; HttpOnly; Path=\/; SameSite=Strict$/);
  });

  it("gives the session the life that was asked for", async () => {
    const { login, send, clock } = await setUp();
    const cookie = `auth_token=${tokenOf(await login({ ...GOOD, expire: "5" }))}`;
    expect((await send("GET", "/auth/check", { cookie })).status).toBe(200);
    await clock.advance(5000);
    expect((await send("GET", "/auth/check", { cookie })).status).toBe(403);
  });

  it("works with a stale cookie and with a trailing slash", async () => {
    const { login, app } = await setUp();
    expect((await login(GOOD, { cookie: "auth_token=zz" })).status).toBe(200);
    const headers = { "content-type": FORM };
    const url = "/api/auth/login/";
    const payload = "user=admin&passwd=admin";
    expect((await app.inject({ method: "POST", url, headers, payload })).statusCode).toBe(200);
  });

  it.each([
    ["http://localhost:80", 200],
    ["https://panel.example", 200],
    ["https://evil.example", 403],
  ])("from a page of %s answers %i", async (origin, status) => {
    const { login } = await setUp();
    expect((await login(GOOD, { origin, host: "localhost" })).status).toBe(status);
  });

  it("refuses a large body before reading it", async () => {
    const { login } = await setUp();
    expect((await login({ ...GOOD, more: "x".repeat(16 * 1024) })).status).toBe(413);
  });

  it("does not answer GET", async () => {
    const { send } = await setUp();
    expect((await send("GET", "/auth/login")).status).toBe(405);
  });
});

describe("POST /api/auth/logout", () => {
  it("ends sessions that began in another dialect, whatever their cookie is called", async () => {
    const { auth, send } = await setUp();
    const login = { user: "admin", password: "admin", expireSeconds: 0, address: "192.0.2.1" };
    const { token, principal } = await auth.login(login);
    const stale = "0".repeat(64);
    const answer = await send("POST", "/auth/logout", {
      cookie: `auth_token=${stale}; session_token=${token}`,
    });
    expect(answer.status).toBe(200);
    expect(principal.revoked.aborted).toBe(true);
    expect(String(answer.cookie)).toMatch(/auth_token=;.*session_token=;/);
  });

  it("ends every session of the user and takes the cookie back", async () => {
    const { login, send } = await setUp();
    const one = { cookie: `auth_token=${tokenOf(await login(GOOD))}` };
    const two = { cookie: `auth_token=${tokenOf(await login(GOOD))}` };
    const answer = await send("POST", "/auth/logout", one);
    expect([answer.status, answer.body]).toEqual([200, OK]);
    expect(answer.cookie).toMatch(/^auth_token=; .*Max-Age=0$/);
    expect((await send("GET", "/auth/check", one)).status).toBe(403);
    expect((await send("GET", "/auth/check", two)).status).toBe(403);
  });

  it("needs the cookie, also from somebody with other credentials", async () => {
    const { send } = await setUp();
    const headers = { "x-kvmd-user": "admin", "x-kvmd-passwd": "admin" };
    const answer = await send("POST", "/auth/logout", headers);
    expect([answer.status, errorOf(answer)]).toEqual([400, "ValidatorError"]);
    const unknown = { ...headers, cookie: `auth_token=${"0".repeat(64)}` };
    expect((await send("POST", "/auth/logout", unknown)).status).toBe(200);
  });

  it("needs credentials at all", async () => {
    const { send } = await setUp();
    const answer = await send("POST", "/auth/logout");
    expect([answer.status, errorOf(answer)]).toEqual([401, "UnauthorizedError"]);
  });

  it("is not for pages of other sites", async () => {
    const { login, send } = await setUp();
    const cookie = `auth_token=${tokenOf(await login(GOOD))}`;
    const answer = await send("POST", "/auth/logout", { cookie, origin: "https://evil.example" });
    expect(answer.status).toBe(403);
  });
});

describe("GET /api/auth/check", () => {
  it.each([
    [{}, 401, "UnauthorizedError"],
    [{ cookie: "auth_token=zz" }, 400, "ValidatorError"],
    [{ cookie: `auth_token=${"0".repeat(64)}` }, 403, "ForbiddenError"],
    [{ "x-kvmd-user": "admin", "x-kvmd-passwd": "z" }, 403, "ForbiddenError"],
    [{ "x-kvmd-user": "admin", "x-kvmd-passwd": "p\u00E4ss" }, 400, "ValidatorError"],
    [{ authorization: "Basic !!!!" }, 401, "UnauthorizedError"],
  ])("with %j answers %i %s", async (headers, status, error) => {
    const { send } = await setUp();
    const answer = await send("GET", "/auth/check", headers);
    expect([answer.status, answer.type, errorOf(answer)]).toEqual([
      status,
      "application/json; charset=utf-8",
      error,
    ]);
  });

  it("answers 200 to header credentials, without a login prompt for browsers otherwise", async () => {
    const { app, send } = await setUp();
    const { headers } = headerLogin("admin", "admin");
    expect((await app.inject({ url: "/api/auth/check", headers })).body).toBe(OK);
    expect((await send("GET", "/auth/check")).status).toBe(401);
    const refused = await app.inject({ url: "/api/auth/check" });
    expect(refused.headers).not.toHaveProperty("www-authenticate");
  });
});
