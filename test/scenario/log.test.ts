import { describe, expect, it } from "vitest";
import { createTestApp } from "../support/create-test-app.ts";

const RECORD = /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d farhand\.service\] --- .+$/;

describe("/api/log", () => {
  it("gives complete records and ends", async () => {
    const test = await createTestApp();
    const { status, headers, body } = await test.call("GET", "/api/log");
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("text/plain");
    const lines = body.split("\r\n").slice(0, -1);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !RECORD.test(line))).toEqual([]);
  });

  it("follows: what happens later arrives on the open response", async () => {
    const test = await createTestApp();
    const stream = await test.stream("/api/log?follow=1&seek=3600");
    expect(stream.status).toBe(200);
    await test.call("GET", "/api/auth/check", {
      headers: { "X-KVMD-User": "stranger", "X-KVMD-Passwd": "guess" },
    });
    await stream.until("stranger");
    stream.close();
  });

  it("never shows what was typed, a password or a token", async () => {
    const test = await createTestApp();
    const login = await test.call("POST", "/api/auth/login", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ user: "admin", passwd: "correct horse" }).toString(),
    });
    const token = /auth_token=([0-9a-f]{64})/.exec(login.headers["set-cookie"] ?? "")?.[1];
    expect(token).toBeDefined();
    await test.call("POST", "/api/hid/print", { body: "battery staple" });
    const { body } = await test.call("GET", "/api/log");
    const log = `${body}\n${test.logLines.join("\n")}`;
    expect(log).not.toContain("correct horse");
    expect(log).not.toContain("battery staple");
    expect(log).not.toContain(token);
  });
});
