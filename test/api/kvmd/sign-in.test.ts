import { describe, expect, it } from "vitest";
import { createTestApp, OWNER } from "../../support/create-test-app.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

describe("signing in on a hub that is no device", () => {
  it("works as on a device, there and back", async () => {
    const { call } = await createTestApp({ config: { roles: ["hub"] } });
    const body = new URLSearchParams({ user: OWNER.user, passwd: OWNER.password }).toString();
    const login = await call("POST", "/api/auth/login", { headers: FORM, body });
    expect([login.status, JSON.parse(login.body)]).toEqual([200, { ok: true, result: {} }]);
    const cookie = login.headers["set-cookie"]?.split(";", 1)[0] ?? "";
    const asUser = { headers: { Cookie: cookie } };
    const session = await call("GET", "/native/session", asUser);
    expect(JSON.parse(session.body)).toMatchObject({ user: OWNER.user, roles: ["hub"] });
    expect((await call("POST", "/api/auth/logout", asUser)).status).toBe(200);
    expect((await call("GET", "/api/auth/check", asUser)).status).toBe(403);
    const nobody = await call("GET", "/native/session", asUser);
    expect(JSON.parse(nobody.body)).toEqual({ user: "", roles: ["hub"], build: "" });
  });

  it("says what is wrong in the same words", async () => {
    const { call } = await createTestApp({ config: { roles: ["hub"] } });
    const body = new URLSearchParams({ user: OWNER.user, passwd: "wrong" }).toString();
    const { status, body: answer } = await call("POST", "/api/auth/login", { headers: FORM, body });
    expect(status).toBe(403);
    expect(JSON.parse(answer)).toMatchObject({ ok: false, result: { error: "ForbiddenError" } });
  });
});
