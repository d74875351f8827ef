import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import { normalizeSecret, splitCode, verifyCode } from "../../../src/http/auth/totp.ts";
import { TOTP_SECRET, authFixture, basicLogin, headerLogin } from "../../support/auth-fixture.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const LOGIN = { user: "admin", expireSeconds: 0, address: "192.0.2.1" };

const codeAt = (ms: number): string =>
  generateSync({ secret: SECRET, epoch: Math.floor(ms / 1000) });

function setUp(secret = `${SECRET}\n`) {
  const fixture = authFixture({ files: { [TOTP_SECRET]: secret } });
  const code = (offsetMs = 0): string => codeAt(fixture.clock.now() + offsetMs);
  return { ...fixture, code };
}

describe("one-time codes", () => {
  it("agree with RFC 6238 appendix B, last six digits", async () => {
    expect(await verifyCode(SECRET, "287082", 59_000)).toBe(1);
    expect(await verifyCode(SECRET, "081804", 1_111_111_109_000)).toBe(37_037_036);
    expect(await verifyCode(SECRET, "287083", 59_000)).toBeUndefined();
  });

  it("are accepted one step early and late, and no further", async () => {
    const now = 1_700_000_010_000;
    const accepted = await Promise.all(
      [-60_000, -30_000, 0, 30_000, 60_000].map((off) =>
        verifyCode(SECRET, codeAt(now + off), now),
      ),
    );
    expect(accepted.map((step) => step !== undefined)).toEqual([false, true, true, true, false]);
  });

  it.each(["", "12345", "1234567", "abcdef", "12 456", "\u0661\u0662\u0663\u0664\u0665\u0666"])(
    "are six digits, not %j",
    async (code) => {
      expect(await verifyCode(SECRET, code, 0)).toBeUndefined();
    },
  );

  it("work with the short secrets of other programs", async () => {
    const secret = "JBSWY3DPEHPK3PXP";
    expect(normalizeSecret(" jbsw y3dp ehpk 3pxp\n")).toBe(secret);
    expect(await verifyCode(secret, "000000", 0)).toBeUndefined();
  });

  it("are the last six characters", () => {
    expect(splitCode("pass123456")).toEqual({ password: "pass", code: "123456" });
    expect(splitCode("123")).toEqual({ password: "", code: "123" });
  });
});

describe("sign-in with one-time codes", () => {
  it("demands the code behind the password, in headers, Basic and logins alike", async () => {
    const { auth, code } = setUp();
    const password = `pass${code()}`;
    expect(await auth.authenticate(headerLogin("admin", password))).toMatchObject({
      user: "admin",
    });
    expect(await auth.authenticate(basicLogin("admin", password))).toMatchObject({ via: "basic" });
    expect(await auth.login({ ...LOGIN, password })).toMatchObject({
      principal: { user: "admin" },
    });
    await expect(auth.authenticate(headerLogin("admin", "pass"))).rejects.toThrow("Forbidden");
    await expect(Promise.resolve(auth.authenticate(headerLogin("admin", code())))).rejects.toThrow(
      "Forbidden",
    );
  });

  it("refuses the right code behind a wrong password", async () => {
    const { auth, code } = setUp();
    await expect(auth.login({ ...LOGIN, password: `fail${code()}` })).rejects.toThrow("Forbidden");
  });

  it("does not sign in twice with one code, nor with an earlier one", async () => {
    const { auth, code } = setUp();
    await auth.login({ ...LOGIN, password: `pass${code()}` });
    await expect(auth.login({ ...LOGIN, password: `pass${code()}` })).rejects.toThrow("Forbidden");
    await expect(auth.login({ ...LOGIN, password: `pass${code(-30_000)}` })).rejects.toThrow(
      "Forbidden",
    );
    await expect(auth.login({ ...LOGIN, password: `pass${code(30_000)}` })).resolves.toBeDefined();
  });

  it("keeps serving a client that sends the same code with each request until the code is too old", async () => {
    const { auth, code, clock } = setUp();
    const request = headerLogin("admin", `pass${code()}`);
    for (let second = 0; second < 30; second += 10) {
      expect(await auth.authenticate(request)).toMatchObject({ user: "admin" });
      await clock.advance(10_000);
    }
    await clock.advance(60_000);
    await expect(auth.authenticate(request)).rejects.toThrow("Forbidden");
  });

  it("starts when the secret appears, for clients that were let in without a code as well", async () => {
    const { auth, files, clock } = authFixture();
    await auth.authenticate(headerLogin("admin", "pass"));
    files.edit(TOTP_SECRET, SECRET);
    await clock.advance(100);
    await expect(auth.authenticate(headerLogin("admin", "pass"))).rejects.toThrow("Forbidden");
    files.edit(TOTP_SECRET, undefined);
    await clock.advance(100);
    expect(await auth.authenticate(headerLogin("admin", "pass"))).toMatchObject({ user: "admin" });
  });

  it("takes an empty file for none", async () => {
    const { auth } = setUp(" \n");
    expect(await auth.authenticate(headerLogin("admin", "pass"))).toMatchObject({ user: "admin" });
  });

  it("lets nobody in when the secret is damaged", async () => {
    const { auth } = setUp("not a secret!");
    await expect(auth.authenticate(headerLogin("admin", "pass"))).rejects.toThrow("Forbidden");
    await expect(auth.authenticate(headerLogin("admin", "pass000000"))).rejects.toThrow(
      "Forbidden",
    );
  });
});
