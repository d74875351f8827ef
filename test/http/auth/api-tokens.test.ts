import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValidationError } from "../../../src/core/errors.ts";
import {
  formatApiTokens,
  hashOfApiToken,
  newApiToken,
  parseApiTokens,
  parseTokenName,
  readApiToken,
} from "../../../src/http/auth/api-token-file.ts";
import type { Auth } from "../../../src/http/auth/auth.ts";
import {
  ApiTokenNotFoundError,
  ApiTokensFullError,
  ForbiddenError,
} from "../../../src/http/auth/errors.ts";
import { WrongTokens } from "../../../src/http/auth/wrong-tokens.ts";
import {
  HTPASSWD,
  ROLES,
  authFixture,
  cookieLogin,
  headerLogin,
  htpasswdOf,
  requestWith,
} from "../../support/auth-fixture.ts";
import type { AuthFixture } from "../../support/auth-fixture.ts";

const FILE = "/data/api-tokens.json";
const USERS = { admin: "pass", bob: "b0b" };

const bearer = (token: string, ip?: string) =>
  requestWith({ authorization: `Bearer ${token}` }, ip);
const raw = (token: string, ip?: string) => requestWith({ authorization: token }, ip);

function setUp(): AuthFixture {
  return authFixture({ users: USERS, files: { [ROLES]: "bob:operator\n" } });
}

async function ownerOf(auth: Auth, user: "admin" | "bob" = "admin") {
  return await auth.authenticate(headerLogin(user, USERS[user]));
}

/** The request's user and role, or the name of the refusal. */
async function outcome(auth: Auth, request: ReturnType<typeof requestWith>): Promise<string> {
  try {
    const { user, role, via } = await auth.authenticate(request);
    return `${user} ${role} ${via}`;
  } catch (error) {
    return error instanceof Error ? error.name : "?";
  }
}

describe("API tokens", () => {
  it("act for their user with their own role, in the form of Komari and that of Nezha", async () => {
    const { auth } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "viewer" });
    expect(token).toMatch(/^[0-9A-Za-z]{32}$/);
    expect(await outcome(auth, bearer(token))).toBe("admin viewer token");
    expect(await outcome(auth, requestWith({ authorization: `bearer ${token}` }))).toBe(
      "admin viewer token",
    );
    expect(await outcome(auth, raw(token))).toBe("admin viewer token");
  });

  it("are not in the file, which only its owner may read", async () => {
    const { auth, files } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "viewer" });
    expect(files.content(FILE)).not.toContain(token);
    expect(files.content(FILE)).toContain(hashOfApiToken(token));
    expect(files.mode(FILE)).toBe(0o600);
  });

  it("are listed without what they are", async () => {
    const { auth } = setUp();
    const made = await auth.tokens.create(await ownerOf(auth), { name: " x ", role: "viewer" });
    await auth.tokens.create(await ownerOf(auth, "bob"), { name: "y", role: "viewer" });
    const [first, ...others] = await auth.tokens.list("admin");
    expect(others).toEqual([]);
    expect(first).toEqual({
      id: made.id,
      user: "admin",
      name: "x",
      role: "viewer",
      createdAt: made.createdAt,
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await auth.tokens.list()).toHaveLength(2);
  });

  it("may no more than the one who makes them", async () => {
    const { auth } = setUp();
    const bob = await ownerOf(auth, "bob");
    const asked = auth.tokens.create(bob, { name: "x", role: "admin" });
    await expect(asked).rejects.toThrow(ForbiddenError);
    const { token } = await auth.tokens.create(bob, { name: "x", role: "operator" });
    expect(await outcome(auth, raw(token))).toBe("bob operator token");
  });

  it("make no other tokens", async () => {
    const { auth } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "admin" });
    const principal = await auth.authenticate(raw(token));
    const asked = auth.tokens.create(principal, { name: "y", role: "viewer" });
    await expect(asked).rejects.toThrow(ForbiddenError);
  });

  it("shrink with the role of their user, and end what they have opened", async () => {
    const { auth, accounts } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "admin" });
    const before = await auth.authenticate(raw(token));
    await accounts.setRole("admin", "viewer");
    expect(before.revoked.aborted).toBe(true);
    expect(await outcome(auth, raw(token))).toBe("admin viewer token");
  });

  it("outlive a new password, sockets do not", async () => {
    const { auth, accounts } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "admin" });
    const before = await auth.authenticate(raw(token));
    await accounts.set("admin", "another");
    expect(before.revoked.aborted).toBe(true);
    expect(await outcome(auth, raw(token))).toBe("admin admin token");
  });

  it("go with their user, so that a later user of the same name does not inherit them", async () => {
    const { auth, accounts, clock } = setUp();
    const bob = await ownerOf(auth, "bob");
    const { token } = await auth.tokens.create(bob, { name: "x", role: "viewer" });
    await accounts.del("bob");
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
    await clock.advance(0);
    await accounts.add("bob", "b0b-again", "admin");
    expect(await auth.tokens.list()).toEqual([]);
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
  });

  it("survive the moment in which an editor has emptied the password file", async () => {
    const { auth, files, clock } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "admin" });
    files.edit(HTPASSWD, "");
    await clock.advance(1000);
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
    files.edit(HTPASSWD, htpasswdOf(USERS));
    await clock.advance(1000);
    expect(await outcome(auth, raw(token))).toBe("admin admin token");
  });

  it("end at their time, with the sockets that they have opened", async () => {
    const { auth, clock } = setUp();
    const expiresAt = clock.now() + 60_000;
    const wanted = { name: "x", role: "viewer", expiresAt } as const;
    const { token } = await auth.tokens.create(await ownerOf(auth), wanted);
    const principal = await auth.authenticate(raw(token));
    await clock.advance(59_999);
    expect(principal.revoked.aborted).toBe(false);
    await clock.advance(1);
    expect(principal.revoked.aborted).toBe(true);
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
  });

  it("are revoked by their owner or an admin, at once and for good", async () => {
    const { auth } = setUp();
    const { token, id } = await auth.tokens.create(await ownerOf(auth), {
      name: "x",
      role: "viewer",
    });
    const principal = await auth.authenticate(raw(token));
    await expect(auth.tokens.revoke(id, "bob")).rejects.toThrow(ApiTokenNotFoundError);
    await expect(auth.tokens.revoke("0".repeat(16))).rejects.toThrow(ApiTokenNotFoundError);
    expect(await outcome(auth, raw(token))).toBe("admin viewer token");
    expect(await auth.tokens.revoke(id, "admin")).toMatchObject({ id, name: "x" });
    expect(principal.revoked.aborted).toBe(true);
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
    await expect(auth.tokens.revoke(id)).rejects.toThrow(ApiTokenNotFoundError);
  });

  it("are not made, and not ended, where the file cannot be written", async () => {
    const { auth, files } = setUp();
    const admin = await ownerOf(auth);
    const { token, id } = await auth.tokens.create(admin, { name: "x", role: "viewer" });
    files.writeError = "disk full";
    await expect(auth.tokens.create(admin, { name: "y", role: "viewer" })).rejects.toThrow("disk");
    await expect(auth.tokens.revoke(id)).rejects.toThrow("disk full");
    expect(await outcome(auth, raw(token))).toBe("admin viewer token");
    expect(await auth.tokens.list()).toHaveLength(1);
  });

  it("are at most sixty-four of a user", async () => {
    const { auth } = setUp();
    const admin = await ownerOf(auth);
    for (let count = 0; count < 64; count += 1) {
      await auth.tokens.create(admin, { name: `t${count}`, role: "viewer" });
    }
    const more = auth.tokens.create(admin, { name: "more", role: "viewer" });
    await expect(more).rejects.toThrow(ApiTokensFullError);
  });

  it.each([
    ["", undefined],
    ["  ", undefined],
    ["a\nb", undefined],
    ["x".repeat(65), undefined],
    ["fine", 0],
    ["fine", Number.NaN],
  ])("are not made with the name %j and the end %j", async (name, expiresAt) => {
    const { auth } = setUp();
    const asked = auth.tokens.create(await ownerOf(auth), { name, role: "viewer", expiresAt });
    await expect(asked).rejects.toThrow(ValidationError);
  });

  it("know when they were used last, and write that now and then only", async () => {
    const { auth, clock, files } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "viewer" });
    const written = files.content(FILE);
    await clock.advance(5000);
    await outcome(auth, raw(token));
    expect(await auth.tokens.list()).toMatchObject([{ lastUsedAt: clock.now() }]);
    expect(files.content(FILE)).toBe(written);
    await clock.advance(15 * 60_000);
    expect(files.content(FILE)).not.toBe(written);
    auth.close();
  });

  it("in a file that was damaged are refused, and the file is left for somebody to look at", async () => {
    const { auth, files, clock } = setUp();
    const admin = await ownerOf(auth);
    const { token } = await auth.tokens.create(admin, { name: "x", role: "viewer" });
    files.edit(FILE, '{"tokens":[{"id":1}]}');
    await clock.advance(200);
    expect(await outcome(auth, raw(token))).toBe("ForbiddenError");
    const asked = auth.tokens.create(admin, { name: "y", role: "viewer" });
    await expect(asked).rejects.toThrow("damaged");
    expect(files.content(FILE)).toBe('{"tokens":[{"id":1}]}');
  });

  it("that another process has revoked end here, too, and others stay as they are", async () => {
    const { auth, files, clock } = setUp();
    const admin = await ownerOf(auth);
    const gone = await auth.tokens.create(admin, { name: "x", role: "viewer" });
    const kept = await auth.tokens.create(admin, { name: "y", role: "viewer" });
    const [first, second] = [
      await auth.authenticate(raw(gone.token)),
      await auth.authenticate(raw(kept.token)),
    ];
    const tokens = parseApiTokens(files.content(FILE)) ?? [];
    files.edit(FILE, formatApiTokens(tokens.filter(({ id }) => id !== gone.id)));
    await clock.advance(200);
    expect(await outcome(auth, raw(gone.token))).toBe("ForbiddenError");
    expect([first.revoked.aborted, second.revoked.aborted]).toEqual([true, false]);
  });
});

describe("a token among other credentials", () => {
  it("counts before a cookie that is over, and a cookie that lives before a wrong token", async () => {
    const { auth } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "viewer" });
    const stale = cookieLogin("0".repeat(64)).headers;
    const right = await outcome(auth, requestWith({ ...stale, authorization: token }));
    expect(right).toBe("admin viewer token");
    const login = { user: "bob", password: "b0b", expireSeconds: 0, address: "192.0.2.1" };
    const { headers } = cookieLogin((await auth.login(login)).token);
    const wrong = await outcome(auth, requestWith({ ...headers, authorization: newApiToken() }));
    expect(wrong).toBe("bob operator cookie");
  });
});

describe("wrong tokens", () => {
  it("brake passwords from their address, and neither tokens nor other addresses", async () => {
    const { auth } = setUp();
    const { token } = await auth.tokens.create(await ownerOf(auth), { name: "x", role: "viewer" });
    for (let count = 0; count < 6; count += 1) await outcome(auth, raw(newApiToken()));
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("ForbiddenError");
    expect(await outcome(auth, raw(token))).toBe("admin viewer token");
    expect(await outcome(auth, headerLogin("bob", "b0b", "198.51.100.7"))).toBe(
      "bob operator header",
    );
  });

  it("that are always the same count once: a program with an old token locks nobody out", async () => {
    const { auth } = setUp();
    const old = newApiToken();
    for (let count = 0; count < 50; count += 1) {
      expect(await outcome(auth, bearer(old))).toBe("ForbiddenError");
    }
    expect(await outcome(auth, headerLogin("admin", "pass"))).toBe("admin admin header");
  });

  it("are remembered in a bounded number", () => {
    const wrong = new WrongTokens();
    const first = newApiToken();
    expect([wrong.isNew(first), wrong.isNew(first)]).toEqual([true, false]);
    for (let count = 0; count < 1024; count += 1) wrong.isNew(newApiToken());
    expect(wrong.isNew(first)).toBe(true);
  });
});

describe("the form of a token", () => {
  it("is read out of any header without a failure, and out of nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (header) => {
        const token = readApiToken(header);
        expect(token === undefined || header.includes(token)).toBe(true);
      }),
    );
    const token = newApiToken();
    expect(readApiToken(`Bearer  ${token} `)).toBe(token);
    for (const header of [`Basic ${token}`, `Bearer ${token}x`, `x${token}`, "", token.slice(1)]) {
      expect(readApiToken(header)).toBeUndefined();
    }
  });

  it("in the file comes back as it was written, and anything damaged as nothing", () => {
    const token = fc.record({
      id: fc.stringMatching(/^[0-9a-f]{16}$/),
      user: fc.string(),
      name: fc.string(),
      role: fc.constantFrom("viewer", "operator", "admin"),
      hash: fc.string().map(hashOfApiToken),
      createdAt: fc.nat(),
      expiresAt: fc.option(fc.nat()),
      lastUsedAt: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(token), (tokens) => {
        expect(parseApiTokens(formatApiTokens(tokens))).toEqual(tokens);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = parseApiTokens(text);
        expect(parsed === undefined || Array.isArray(parsed)).toBe(true);
      }),
    );
    expect(parseApiTokens(undefined)).toEqual([]);
    expect(parseApiTokens("{")).toBeUndefined();
    expect(parseApiTokens('{"tokens":[{}]}')).toBeUndefined();
  });

  it("has names for people", () => {
    expect(parseTokenName(" Wand im Büro 1 ")).toBe("Wand im Büro 1");
    expect(parseTokenName("\u2028")).toBeUndefined();
  });
});
