import { describe, expect, it } from "vitest";
import { createTestApp, OWNER } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

async function logIn(test: TestApp): Promise<{ readonly Cookie: string }> {
  const { status, headers } = await test.call("POST", "/api/auth/login", {
    headers: FORM,
    body: new URLSearchParams({ user: OWNER.user, passwd: OWNER.password }).toString(),
  });
  expect(status).toBe(200);
  return { Cookie: headers["set-cookie"]?.split(";")[0] ?? "" };
}

describe("a login session", () => {
  it("opens everything until it is logged out; then its sockets close and its cookie is refused", async () => {
    const test = await createTestApp();
    const cookie = await logIn(test);
    expect((await test.call("GET", "/api/auth/check", { headers: cookie })).status).toBe(200);
    const client = await test.ws("/api/ws?stream=0", cookie);
    await client.waitFor("loop");
    const { status } = await test.call("POST", "/api/auth/logout", { headers: cookie });
    expect(status).toBe(200);
    expect(await client.closed).toBeGreaterThan(1000);
    expect((await test.call("GET", "/api/auth/check", { headers: cookie })).status).toBe(403);
  });

  it("does not survive a restart, the account does", async () => {
    const first = await createTestApp();
    const cookie = await logIn(first);
    const { dataDir } = first.config;
    const second = await createTestApp({
      dataDir,
      config: { auth: { initialPassword: "another password" } },
    });
    expect((await second.call("GET", "/api/auth/check", { headers: cookie })).status).toBe(403);
    expect((await second.call("GET", "/api/auth/check")).status).toBe(200);
  });
});

describe("a page of another origin", () => {
  it("can open no socket with the visitor's cookie", async () => {
    const test = await createTestApp();
    const cookie = await logIn(test);
    await expect(test.ws("/api/ws", { ...cookie, Origin: "https://evil.example" })).rejects.toThrow(
      "403",
    );
  });

  it("can change nothing with the visitor's cookie", async () => {
    const test = await createTestApp();
    const cookie = await logIn(test);
    const { status } = await test.call("POST", "/api/atx/click?button=power", {
      headers: { ...cookie, Origin: "https://evil.example" },
    });
    expect(status).toBe(403);
    expect(test.platform.gpio.level(0)).toBe(false);
  });
});

describe("guessing", () => {
  it("is slowed down after a few failures, whatever the kind of credential", async () => {
    const test = await createTestApp();
    const basic = Buffer.from(`${OWNER.user}:wrong`).toString("base64");
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await test.call("GET", "/api/auth/check", { headers: { Authorization: `Basic ${basic}` } });
      await test.call("GET", "/api/auth/check", {
        headers: { "X-KVMD-User": OWNER.user, "X-KVMD-Passwd": "wrong" },
      });
    }
    // Even the right password is not looked at during the wait.
    expect((await test.call("GET", "/api/auth/check")).status).toBe(403);
  });
});
