// One set of sessions for all dialects, and what their clients need beyond PiKVM's.
import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import type { AuthEvent } from "../../../src/http/auth/auth-events.ts";
import {
  CodeRequiredError,
  CodeWrongError,
  ForbiddenError,
  UnauthorizedError,
} from "../../../src/http/auth/errors.ts";
import { SESSION_COOKIES } from "../../../src/http/auth/credentials.ts";
import {
  TOTP_SECRET,
  authFixture,
  basicLogin,
  headerLogin,
  requestWith,
} from "../../support/auth-fixture.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const LOGIN = {
  user: "admin",
  password: "pass",
  expireSeconds: 0,
  address: "192.0.2.1",
  userAgent: "Browser/1",
};

function withCodes() {
  const fixture = authFixture({ files: { [TOTP_SECRET]: `${SECRET}\n` } });
  const code = (): string =>
    generateSync({ secret: SECRET, epoch: Math.floor(fixture.clock.now() / 1000) });
  return { ...fixture, code };
}

describe("the session cookie", () => {
  it.each(SESSION_COOKIES)("may be called %s", async (name) => {
    const { auth } = authFixture();
    const { token, principal } = await auth.login(LOGIN);
    const found = await auth.authenticate(requestWith({ cookie: `lang=de; ${name}=${token}` }));
    expect(found).toBe(principal);
  });

  it("of one dialect that is over does not hide that of another", async () => {
    const { auth } = authFixture();
    const { token } = await auth.login(LOGIN);
    for (const stale of ["0".repeat(64), "damaged"]) {
      const cookie = `auth_token=${stale}; session_token=${token}`;
      expect(await auth.authenticate(requestWith({ cookie }))).toMatchObject({ via: "cookie" });
    }
  });
});

describe("cookies of other programs on the same host", () => {
  it("are no credential: ports share cookies, and a stock Komari has a session_token, too", async () => {
    const { auth } = authFixture();
    const foreign = { cookie: "session_token=Zk3foreign; nezha-dashboard=x; nz-jwt=a.b.c" };
    const basic = basicLogin("admin", "pass").headers;
    expect(await auth.authenticate(requestWith({ ...foreign, ...basic }))).toMatchObject({
      via: "basic",
    });
    expect(() => auth.authenticate(requestWith(foreign))).toThrow(UnauthorizedError);
    const { token } = await auth.login(LOGIN);
    const cookie = `${foreign.cookie}; auth_token=${token}`;
    expect(await auth.authenticate(requestWith({ cookie }))).toMatchObject({ via: "cookie" });
  });
});

describe("a one-time code beside the password", () => {
  it("opens a session", async () => {
    const { auth, code } = withCodes();
    await auth.login({ ...LOGIN, code: code() });
    expect(auth.sessionsOf("admin")).toHaveLength(1);
    expect(auth.needsCode).toBe(true);
  });

  it("opens one only once", async () => {
    const { auth, code } = withCodes();
    await auth.login({ ...LOGIN, code: code() });
    await expect(auth.login({ ...LOGIN, code: code() })).rejects.toThrow(CodeWrongError);
  });

  it("is asked for after the right password only", async () => {
    const { auth, code } = withCodes();
    await expect(auth.login({ ...LOGIN, code: "" })).rejects.toThrow(CodeRequiredError);
    await expect(auth.login({ ...LOGIN, code: "000000" })).rejects.toThrow(CodeWrongError);
    for (const wrong of ["", "000000", code()]) {
      const attempt = auth.login({ ...LOGIN, password: "x", code: wrong });
      await expect(attempt).rejects.toThrow(ForbiddenError);
    }
    // The right code was not used up by a wrong password.
    await auth.login({ ...LOGIN, code: code() });
  });

  it("that is wrong counts against the brake, one that is missing does not", async () => {
    const { auth } = withCodes();
    for (let count = 0; count < 20; count += 1) {
      await expect(auth.login({ ...LOGIN, code: "" })).rejects.toThrow(CodeRequiredError);
    }
    for (let count = 0; count < 6; count += 1) {
      await expect(auth.login({ ...LOGIN, code: "000000" })).rejects.toThrow(CodeWrongError);
    }
    await expect(auth.login({ ...LOGIN, code: "" })).rejects.toThrow("Too many failed sign-ins");
  });

  it("is not needed where none are in use, and a sent one is not looked at", async () => {
    const { auth } = authFixture();
    await auth.login({ ...LOGIN, code: "" });
    await auth.login({ ...LOGIN, code: "123456" });
    expect(auth.needsCode).toBe(false);
  });

  it("at the end of the password stays PiKVM's way", async () => {
    const { auth, code } = withCodes();
    await expect(auth.login(LOGIN)).rejects.toThrow(ForbiddenError);
    await auth.login({ ...LOGIN, password: `pass${code()}` });
  });
});

describe("confirming with a code", () => {
  it("takes the right code, any number of times, and no other", async () => {
    const { auth, code } = withCodes();
    const { principal } = await auth.login({ ...LOGIN, code: code() });
    await auth.confirm(principal, code(), "192.0.2.1");
    await auth.confirm(principal, code(), "192.0.2.1");
    await expect(auth.confirm(principal, "", "192.0.2.1")).rejects.toThrow(CodeRequiredError);
    for (let count = 0; count < 6; count += 1) {
      const attempt = auth.confirm(principal, "000000", "192.0.2.1");
      await expect(attempt).rejects.toThrow(CodeWrongError);
    }
    await expect(auth.confirm(principal, code(), "192.0.2.1")).rejects.toThrow("Too many");
  });

  it("is nothing where no codes are in use", async () => {
    const { auth } = authFixture();
    const { principal } = await auth.login(LOGIN);
    await expect(auth.confirm(principal, "", "192.0.2.1")).resolves.toBeUndefined();
  });
});

describe("the list of sessions", () => {
  it("says where from and when, and never the token", async () => {
    const { auth, clock } = authFixture();
    const { token, principal } = await auth.login(LOGIN);
    const startedAt = clock.now();
    await clock.advance(5000);
    const headers = { cookie: `session_token=${token}`, "user-agent": `Other/${"x".repeat(999)}` };
    await auth.authenticate(requestWith(headers, "::ffff:198.51.100.7"));
    const [session] = auth.sessionsOf("admin");
    expect(session).toEqual({
      id: principal.session,
      address: "192.0.2.1",
      userAgent: "Browser/1",
      method: "password",
      createdAt: startedAt,
      secondsLeft: null,
      sockets: 0,
      lastSeenAt: startedAt + 5000,
      lastAddress: "198.51.100.7",
      lastUserAgent: headers["user-agent"].slice(0, 256),
    });
    expect(JSON.stringify(session)).not.toContain(token);
  });

  it("ends single ones, of their own user only", async () => {
    const { auth } = authFixture();
    const [one, two] = [await auth.login(LOGIN), await auth.login(LOGIN)];
    const id = one.principal.session ?? "";
    expect(auth.endSession("bob", id)).toBe(false);
    expect(auth.endSession("admin", "x")).toBe(false);
    expect(auth.endSession("admin", id)).toBe(true);
    expect(auth.endSession("admin", id)).toBe(false);
    expect([one, two].map(({ principal }) => principal.revoked.aborted)).toEqual([true, false]);
  });

  it("ends all but the one that asks", async () => {
    const { auth } = authFixture();
    const [one, two] = [await auth.login(LOGIN), await auth.login(LOGIN)];
    auth.endSessions("admin", two.principal.session);
    expect([one, two].map(({ principal }) => principal.revoked.aborted)).toEqual([true, false]);
    auth.endSessions("admin");
    expect(auth.sessionsOf("admin")).toEqual([]);
  });
});

describe("somebody whom a provider vouches for", () => {
  const VISITOR = { address: "192.0.2.1", userAgent: "" };

  it("gets a session of the account", async () => {
    const { auth } = authFixture();
    const { principal } = await auth.admit({ ...VISITOR, user: "admin" });
    expect(principal).toMatchObject({ user: "admin", role: "admin", via: "cookie" });
    expect(auth.sessionsOf("admin")).toMatchObject([{ method: "oidc" }]);
  });

  it("gets none without an account", async () => {
    const { auth } = authFixture();
    await expect(auth.admit({ ...VISITOR, user: "nobody" })).rejects.toThrow(ForbiddenError);
  });
});

describe("what is told of sign-ins", () => {
  it("is who came, who was refused and who went", async () => {
    const { auth } = authFixture();
    const events: AuthEvent[] = [];
    const stop = auth.subscribe((event) => {
      events.push(event);
    });
    const { principal } = await auth.login(LOGIN);
    await expect(auth.login({ ...LOGIN, password: "x" })).rejects.toThrow(ForbiddenError);
    const byHeader = async () => auth.authenticate(headerLogin("nobody", "x"));
    await expect(byHeader()).rejects.toThrow(ForbiddenError);
    auth.endSessions(principal.user);
    stop();
    await auth.login(LOGIN);
    expect(events).toEqual([
      { kind: "signedIn", user: "admin", address: "192.0.2.1", method: "password" },
      { kind: "refused", user: "admin", address: "192.0.2.1" },
      { kind: "refused", user: "nobody", address: "192.0.2.1" },
      { kind: "signedOut", user: "admin" },
    ]);
  });
});
