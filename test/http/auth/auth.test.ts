import { describe, expect, it } from "vitest";
import { ValidationError } from "../../../src/core/errors.ts";
import type { Auth, AuthRequest } from "../../../src/http/auth/auth.ts";
import { ForbiddenError, UnauthorizedError } from "../../../src/http/auth/errors.ts";
import { hashPassword } from "../../../src/http/auth/passwords.ts";
import {
  HTPASSWD,
  ROLES,
  authFixture,
  basicLogin,
  cookieLogin,
  headerLogin,
  htpasswdOf,
  requestWith,
} from "../../support/auth-fixture.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

const STALE = "0".repeat(64);
const LOGIN = { user: "admin", password: "pass", expireSeconds: 0, address: "192.0.2.1" };

/** What came of it: the kind of credential that was accepted, or the status class of the refusal. */
async function outcome(auth: Auth, request: AuthRequest): Promise<string> {
  try {
    const { via } = await auth.authenticate(request);
    return via;
  } catch (error) {
    if (error instanceof UnauthorizedError) return "401";
    if (error instanceof ForbiddenError) return "403";
    if (error instanceof ValidationError) return "400";
    throw error;
  }
}

const merged = (...requests: readonly AuthRequest[]): AuthRequest =>
  requestWith(Object.assign({}, ...requests.map(({ headers }) => headers)));

describe("authenticate", () => {
  const cases: readonly (readonly [name: string, request: AuthRequest, expected: string])[] = [
    ["nothing at all", requestWith({}), "401"],
    ["headers admin/foo", headerLogin("admin", "foo"), "403"],
    ["headers adminx/pass", headerLogin("adminx", "pass"), "403"],
    ["headers admin/pass", headerLogin("admin", "pass"), "header"],
    ["headers with blanks around the name", headerLogin(" admin ", "pass"), "header"],
    ["a user header without a password", requestWith({ "x-kvmd-user": "admin" }), "403"],
    ["an empty user header", headerLogin("", "pass"), "401"],
    ["a user that breaks the rule", headerLogin("Admin", "pass"), "400"],
    ["a password that is not ASCII", headerLogin("admin", "p\u00E4ss"), "400"],
    ["an empty cookie", cookieLogin(""), "401"],
    ["cookie 0", cookieLogin("0"), "400"],
    ["a cookie of upper-case digits", cookieLogin("A".repeat(64)), "400"],
    ["a cookie of 64 zeros", cookieLogin(STALE), "403"],
    ["another cookie only", requestWith({ cookie: "lang=de" }), "401"],
    ["basic admin/foo", basicLogin("admin", "foo", "basic"), "403"],
    ["basic adminx/pass", basicLogin("adminx", "pass", "basic"), "403"],
    ["basic admin/pass", basicLogin("admin", "pass", "basic"), "basic"],
    ["BASIC admin/pass", basicLogin("admin", "pass", "BASIC"), "basic"],
    ["Basic that is not base64", requestWith({ authorization: "Basic !!!!" }), "401"],
    ["Basic without a colon", requestWith({ authorization: "Basic YWRtaW4=" }), "401"],
    ["a Bearer token", requestWith({ authorization: "Bearer abc" }), "401"],
    [
      "a stale cookie and good headers",
      merged(cookieLogin(STALE), headerLogin("admin", "pass")),
      "header",
    ],
    [
      "a stale cookie and good Basic",
      merged(cookieLogin(STALE), basicLogin("admin", "pass")),
      "403",
    ],
    [
      "wrong headers and good Basic",
      merged(headerLogin("admin", "z"), basicLogin("admin", "pass")),
      "403",
    ],
    [
      "an empty cookie and good Basic",
      merged(cookieLogin(""), basicLogin("admin", "pass")),
      "basic",
    ],
  ];

  it.each(cases)("%s", async (_name, request, expected) => {
    const { auth } = authFixture();
    expect(await outcome(auth, request)).toBe(expected);
  });

  it("accepts a Basic password with colons", async () => {
    const { auth } = authFixture({ users: { admin: "a:b:c" } });
    expect(await outcome(auth, basicLogin("admin", "a:b:c"))).toBe("basic");
  });

  it("refuses an account whose stored password is plain text", async () => {
    const { auth } = authFixture({ files: { [HTPASSWD]: "admin:pass\n" } });
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("403");
  });

  it("answers without a promise once the password was checked", async () => {
    const { auth } = authFixture();
    const first = await auth.authenticate(headerLogin("admin", "pass"));
    expect(auth.authenticate(headerLogin("admin", "pass"))).toBe(first);
  });

  it("does not let another address profit from a remembered check", async () => {
    const { auth } = authFixture();
    await auth.authenticate(headerLogin("admin", "pass", "192.0.2.1"));
    expect(auth.authenticate(headerLogin("admin", "pass", "192.0.2.2"))).toBeInstanceOf(Promise);
  });

  it("checks once for requests that arrive together", async () => {
    const log = recordingLogger();
    const { auth } = authFixture({ log });
    const wrong = headerLogin("admin", "wrong");
    const results = await Promise.all([1, 2, 3, 4].map(() => outcome(auth, wrong)));
    expect(results).toEqual(["403", "403", "403", "403"]);
    expect(log.records.filter(({ message }) => message === "Sign-in refused")).toHaveLength(1);
  });

  it("never logs a password", async () => {
    const log = recordingLogger();
    const { auth } = authFixture({ log });
    await outcome(auth, headerLogin("admin", "wr0ngwr0ng"));
    await auth.login(LOGIN);
    expect(log.records.map(({ message }) => message)).toEqual(["Sign-in refused", "Signed in"]);
    expect(JSON.stringify(log.records)).not.toMatch(/wr0ng|"pass"/);
  });
});

describe("sessions", () => {
  it("turn a password into a cookie until logout, which ends all of the user's", async () => {
    const { auth } = authFixture();
    const one = await auth.login(LOGIN);
    const two = await auth.login(LOGIN);
    expect(await outcome(auth, cookieLogin(one.token))).toBe("cookie");
    auth.logout(one.token);
    expect(await outcome(auth, cookieLogin(one.token))).toBe("403");
    expect(await outcome(auth, cookieLogin(two.token))).toBe("403");
    expect(two.principal.revoked.aborted).toBe(true);
  });

  it("survive the logout of somebody unknown", async () => {
    const { auth } = authFixture();
    const { token } = await auth.login(LOGIN);
    auth.logout(STALE);
    expect(await outcome(auth, cookieLogin(token))).toBe("cookie");
    expect(auth.sessionsOf("admin")).toHaveLength(1);
  });

  it.each([
    ["admin", "foo"],
    ["adminx", "pass"],
  ])("are not opened for %s/%s", async (user, password) => {
    const { auth } = authFixture();
    await expect(auth.login({ ...LOGIN, user, password })).rejects.toThrow(ForbiddenError);
    expect(auth.sessionsOf(user)).toEqual([]);
  });

  it("leave clients with headers alone when they end", async () => {
    const { auth } = authFixture();
    const byHeader = await auth.authenticate(headerLogin("admin", "pass"));
    const { token } = await auth.login(LOGIN);
    auth.logout(token);
    expect(byHeader.revoked.aborted).toBe(false);
  });
});

describe("changed accounts", () => {
  const setUp = async () => {
    const fixture = authFixture({ users: { admin: "pass", bob: "b0b" } });
    const { auth } = fixture;
    const session = await auth.login(LOGIN);
    const byHeader = await auth.authenticate(headerLogin("admin", "pass"));
    const bob = await auth.authenticate(headerLogin("bob", "b0b"));
    return { ...fixture, session, byHeader, bob };
  };

  it("lose sessions, remembered checks and open sockets with a new password", async () => {
    const { auth, accounts, session, byHeader, bob } = await setUp();
    await accounts.set("admin", "new");
    expect([session.principal, byHeader, bob].map(({ revoked }) => revoked.aborted)).toEqual([
      true,
      true,
      false,
    ]);
    expect(await outcome(auth, cookieLogin(session.token))).toBe("403");
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("403");
    expect(await outcome(auth, headerLogin("admin", "new"))).toBe("header");
  });

  it("are noticed when the file is edited by hand, without any request", async () => {
    const { files, session, byHeader, bob, clock } = await setUp();
    files.edit(HTPASSWD, htpasswdOf({ admin: "edited", bob: "b0b" }));
    await clock.advance(0);
    expect([session.principal, byHeader, bob].map(({ revoked }) => revoked.aborted)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("get their new role at once", async () => {
    const { auth, files, clock, byHeader } = await setUp();
    expect(byHeader.role).toBe("admin");
    files.edit(ROLES, "admin:viewer\n");
    await clock.advance(0);
    expect(await auth.authenticate(headerLogin("admin", "pass"))).toMatchObject({ role: "viewer" });
  });

  it("count while a password is being checked, those of others do not", async () => {
    const { auth, files, clock } = authFixture();
    const slow = `admin:${await hashPassword("pass")}\n`;
    files.edit(HTPASSWD, slow);
    await clock.advance(0);
    const signIn = outcome(auth, headerLogin("admin", "pass"));
    files.edit(HTPASSWD, slow + htpasswdOf({ bob: "b0b" }));
    await clock.advance(0);
    expect(await signIn).toBe("header");
    const again = outcome(auth, headerLogin("admin", "pass", "192.0.2.77"));
    files.edit(HTPASSWD, htpasswdOf({ admin: "pass", bob: "b0b" }));
    await clock.advance(0);
    expect(await again).toBe("403");
  });

  it("are refused after deletion", async () => {
    const { auth, accounts, session } = await setUp();
    await accounts.del("admin");
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("403");
    expect(await outcome(auth, cookieLogin(session.token))).toBe("403");
  });

  it("are not watched any more after closing", async () => {
    const { auth, files } = await setUp();
    auth.close();
    expect(files.watchers).toBe(0);
  });
});

describe("guessing", () => {
  const guess = async (auth: Auth, times: number, request: AuthRequest): Promise<void> => {
    for (let count = 0; count < times; count += 1) await outcome(auth, request);
  };

  it("is braked over all kinds of credentials together, the right password included", async () => {
    const { auth, clock } = authFixture();
    await guess(auth, 2, headerLogin("admin", "x"));
    await guess(auth, 2, basicLogin("admin", "x"));
    const wrong = { ...LOGIN, password: "x" };
    await expect(auth.login(wrong)).rejects.toThrow(ForbiddenError);
    await expect(auth.login(wrong)).rejects.toThrow(ForbiddenError);
    await expect(auth.login(LOGIN)).rejects.toThrow("Too many failed sign-ins");
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("403");
    expect(await outcome(auth, basicLogin("admin", "pass"))).toBe("403");
    await clock.advance(1000);
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("header");
  });

  it("does not touch cookies", async () => {
    const { auth } = authFixture();
    const { token } = await auth.login(LOGIN);
    await guess(auth, 6, headerLogin("admin", "x"));
    expect(await outcome(auth, cookieLogin(token))).toBe("cookie");
    await guess(auth, 20, cookieLogin(STALE));
    expect(await outcome(auth, cookieLogin(token))).toBe("cookie");
  });

  it("at a braked address learns nothing from remembered checks", async () => {
    const { auth } = authFixture();
    await auth.authenticate(headerLogin("admin", "pass"));
    await guess(auth, 6, headerLogin("admin", "x"));
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("403");
  });

  it("from elsewhere does not lock out who signed in here before", async () => {
    const { auth, clock } = authFixture();
    await auth.authenticate(headerLogin("admin", "pass", "192.0.2.1"));
    await guess(auth, 6, headerLogin("admin", "x", "198.51.100.1"));
    await clock.advance(20_000);
    await guess(auth, 6, headerLogin("admin", "x", "198.51.100.2"));
    expect(await outcome(auth, headerLogin("admin", "pass", "203.0.113.9"))).toBe("403");
    expect(await outcome(auth, headerLogin("admin", "pass", "192.0.2.1"))).toBe("header");
  });

  it("names that do not exist takes as long as passwords that are wrong", async () => {
    const hash = await hashPassword("pass");
    const timed = async (user: string): Promise<number> => {
      const { auth } = authFixture({ files: { [HTPASSWD]: `admin:${hash}\n` } });
      const before = process.cpuUsage();
      expect(await outcome(auth, headerLogin(user, "wrong"))).toBe("403");
      // Of the processor, whoever else has it meanwhile.
      return process.cpuUsage(before).user;
    };
    const [known, unknown] = [await timed("admin"), await timed("nobody")];
    // A check that skipped the hash would be hundreds of times faster.
    expect(unknown).toBeGreaterThan(known / 10);
  });

  it("in a burst gets no further than one after the other", async () => {
    const log = recordingLogger();
    const { auth } = authFixture({ log });
    const burst = Array.from({ length: 50 }, (_, index) =>
      outcome(auth, headerLogin("admin", `x${index}`)),
    );
    await Promise.all(burst);
    const checked = log.records.filter(({ message }) => message === "Sign-in refused");
    expect(checked.length).toBeGreaterThanOrEqual(6);
    expect(checked.length).toBeLessThanOrEqual(7);
  });

  it("that would pile up is turned away", async () => {
    const { auth } = authFixture({
      config: { throttle: { freeAttempts: 1000, maxWaitSeconds: 1 } },
    });
    const burst = Array.from({ length: 80 }, (_, index) =>
      Promise.resolve(auth.authenticate(headerLogin("admin", `x${index}`))).then(
        () => "accepted",
        (error: unknown) => (error instanceof Error && "kind" in error ? error.kind : "?"),
      ),
    );
    const results = await Promise.all(burst);
    expect(results.filter((kind) => kind === "unavailable")).toHaveLength(80 - 66);
    expect(results.filter((kind) => kind === "forbidden")).toHaveLength(66);
  });
});
