import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import type { Extent } from "../../../src/config/extent.ts";
import { SettingChangedError } from "../../../src/config/settings.ts";
import type { SettingsKeeper } from "../../../src/config/settings.ts";
import { ValidationError } from "../../../src/core/errors.ts";
import { createTestApp, OWNER, OWNER_HEADERS } from "../../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../../support/create-test-app.ts";

const JSON_HEADERS = { ...OWNER_HEADERS, "content-type": "application/json" };

async function send(
  { call }: TestApp,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = body === undefined ? {} : { headers: JSON_HEADERS, body: JSON.stringify(body) };
  const answer = await call(method, `/native${path}`, text);
  return { status: answer.status, body: answer.body === "" ? {} : JSON.parse(answer.body) };
}

/** Keeps what it is told. */
function recordingKeeper() {
  const changes: [string, unknown][] = [];
  let restarts = 0;
  let extent: Extent = "everything";
  const snapshot = { file: "/f", settings: [] };
  const keeper: SettingsKeeper = {
    read: () => Promise.resolve({ ...snapshot, restarts: [] }),
    change(given, seen) {
      if (given.has("http.nonsense")) return Promise.reject(new ValidationError("no such setting"));
      if (seen?.get("http.port") === 1) return Promise.reject(new SettingChangedError("http.port"));
      changes.push(...given);
      extent = given.has("http.port") ? "everything" : ["log"];
      return Promise.resolve({ ...snapshot, restarts: extent });
    },
    pair: ({ address }) => Promise.resolve(`Paired with ${address}`),
    unpair: (address) => Promise.resolve(`Removed ${address}`),
    takeOver: () => Promise.resolve({ restarted: extent, problem: null, failures: [] }),
    restart: () => {
      restarts += 1;
    },
  };
  return { keeper, changes, restarts: () => restarts };
}

const start = (options: TestAppOptions = {}): Promise<TestApp> =>
  createTestApp({ config: { roles: ["device"] }, ...options });

describe("/native/settings", () => {
  it("reads, changes and takes over the configuration file", async () => {
    const { keeper, changes, restarts } = recordingKeeper();
    const app = await start({ settings: keeper });
    expect((await send(app, "GET", "/settings")).body).toMatchObject({ restarts: [] });
    const patch = { changes: { "http.port": 9443, "log.level": null } };
    expect((await send(app, "PATCH", "/settings", patch)).body).toMatchObject({
      restarts: "everything",
    });
    expect(changes).toEqual([
      ["http.port", 9443],
      ["log.level", undefined],
    ]);
    const answer = await send(app, "POST", "/restart");
    expect(answer).toMatchObject({ status: 202, body: { restarted: "everything" } });
    expect(restarts()).toBe(1);
  });

  it("says which parts have begun anew, and ends nothing for them", async () => {
    const { keeper, restarts } = recordingKeeper();
    const app = await start({ settings: keeper });
    await send(app, "PATCH", "/settings", { changes: { "log.level": "debug" } });
    const answer = await send(app, "POST", "/restart");
    expect(answer).toEqual({
      status: 200,
      body: { restarted: ["log"], problem: null, failures: [] },
    });
    expect(restarts()).toBe(0);
  });

  it("is a conflict when a value is no more what was seen", async () => {
    const app = await start({ settings: recordingKeeper().keeper });
    const patch = { changes: { "http.port": 9443 }, seen: { "http.port": 1 } };
    const answer = await send(app, "PATCH", "/settings", patch);
    expect(answer).toMatchObject({ status: 409, body: { error: "SETTING_CHANGED" } });
  });

  it("says which value is wrong", async () => {
    const app = await start({ settings: recordingKeeper().keeper });
    const answer = await send(app, "PATCH", "/settings", { changes: { "http.nonsense": 1 } });
    expect(answer).toMatchObject({ status: 400, body: { message: "no such setting" } });
  });

  it("pairs with a server and lets go of it", async () => {
    const app = await start({ settings: recordingKeeper().keeper });
    const pair = { address: "https://hub", kind: "komari-key", secret: "k" };
    expect((await send(app, "POST", "/pair", pair)).body["message"]).toBe(
      "Paired with https://hub",
    );
    const gone = await send(app, "POST", "/unpair", { address: "https://hub" });
    expect(gone.body["message"]).toBe("Removed https://hub");
    expect((await send(app, "POST", "/pair", { ...pair, kind: "other" })).status).toBe(400);
  });

  it("writes down which server was paired with, without what is secret in its address", async () => {
    const app = await start({ settings: recordingKeeper().keeper });
    const pair = { kind: "komari-key", secret: "s3cret-key" };
    const address = "https://user:p4ss@hub.example:8443/komari?token=t0ken#x";
    await send(app, "POST", "/pair", { ...pair, address });
    await send(app, "POST", "/unpair", { address: "user:p4ss@hub.example" });
    const said = app.logLines.filter((line) => line.includes("agent."));
    expect(said.map((line) => /"detail":"([^"]*)"/.exec(line)?.[1])).toEqual([
      "https://hub.example:8443/komari",
      "hub.example",
    ]);
    expect(app.logLines.join()).not.toMatch(/p4ss|t0ken|s3cret/);
  });

  it("is not offered where nothing can be kept", async () => {
    const app = await start();
    expect((await app.call("GET", "/native/settings")).status).toBe(404);
  });

  it("writes what was done into the audit of a hub, without values", async () => {
    const { keeper } = recordingKeeper();
    const app = await start({ settings: keeper, config: { roles: ["device", "hub"] } });
    await send(app, "PATCH", "/settings", { changes: { "hub.discoveryKey": "very-secret" } });
    const { body } = await app.call("GET", "/native/fleet/audit");
    expect(body).toContain("settings.change");
    expect(body).not.toContain("very-secret");
  });
});

describe("one's own account", () => {
  it("reminds of the first password until it is another one", async () => {
    const app = await start({ config: { auth: { initialPassword: "" } } });
    const password = app.ownerPassword;
    const headers = { "X-KVMD-User": OWNER.user, "X-KVMD-Passwd": password };
    const setup = async (given: Record<string, string>) =>
      (await app.call("GET", "/native/setup", { headers: given })).body;
    expect(JSON.parse(await setup(headers))).toEqual({
      hasFirstPassword: true,
      mustChangePassword: false,
      hasOneTimeCodes: false,
    });
    const changed = await app.call("POST", "/native/password", {
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ current: password, password: "a longer secret" }),
    });
    expect(changed.status).toBe(204);
    const next = { "X-KVMD-User": OWNER.user, "X-KVMD-Passwd": "a longer secret" };
    expect(JSON.parse(await setup(next))).toMatchObject({ hasFirstPassword: false });
  });

  it("takes no present password for a new one", async () => {
    const app = await start();
    const same = { current: OWNER.password, password: OWNER.password };
    expect(await send(app, "POST", "/password", same)).toMatchObject({ status: 400 });
    expect((await app.call("GET", "/api/auth/check")).status).toBe(200);
  });

  it("changes no password for somebody who does not know the present one", async () => {
    const app = await start();
    const wrong = { current: "guess", password: "a longer secret" };
    expect((await send(app, "POST", "/password", wrong)).status).toBe(403);
    expect((await app.call("GET", "/api/auth/check")).status).toBe(200);
  });

  it("lists its sessions and ends one", async () => {
    const app = await start();
    const form = "user=admin&passwd=correct+horse&expire=0";
    const login = await app.call("POST", "/api/auth/login", {
      headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": "Browser 1" },
      body: form,
    });
    const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
    const { body } = await app.call("GET", "/native/sessions", { headers: { cookie } });
    const { sessions, mine }: { sessions: { id: string }[]; mine: string } = JSON.parse(body);
    expect(sessions).toMatchObject([{ id: mine, userAgent: "Browser 1" }]);
    expect((await send(app, "DELETE", `/sessions/${mine}`)).status).toBe(204);
    expect((await app.call("GET", "/api/auth/check", { headers: { cookie } })).status).toBe(403);
  });
});

describe("/native/totp", () => {
  it("is on only after a code was shown, and off again", async () => {
    const app = await start();
    expect((await send(app, "PUT", "/totp", { code: "123456" })).status).toBe(400);
    const { body } = await send(app, "POST", "/totp");
    const secret = String(body["secret"]);
    expect(String(body["uri"])).toContain("otpauth://totp/");
    expect(body["qr"]).toHaveLength(String((body["qr"] as string[])[0]).length);
    expect((await send(app, "PUT", "/totp", { code: "000000" })).status).toBe(403);
    const token = generateSync({ secret });
    expect((await send(app, "PUT", "/totp", { code: token })).status).toBe(204);
    const withCode = { ...OWNER_HEADERS, "X-KVMD-Passwd": `${OWNER.password}${token}` };
    // Files are looked at once a second.
    const again = async (): Promise<number> =>
      (await app.call("POST", "/native/totp", { headers: withCode })).status;
    await expect.poll(again, { interval: 400 }).toBe(400);
    const off = await app.call("DELETE", "/native/totp", { headers: withCode });
    expect(off.status).toBe(204);
    const check = async (): Promise<number> => (await app.call("GET", "/api/auth/check")).status;
    await expect.poll(check).toBe(200);
  });
});

describe("/native/tls", () => {
  it("shows the certificate in use", async () => {
    const app = await start();
    expect((await send(app, "GET", "/tls")).body).toEqual({
      mode: "off",
      certificate: null,
      problem: null,
    });
  });

  it("takes a certificate with its key, and nothing else", async () => {
    const { keeper, changes } = recordingKeeper();
    const app = await start({ settings: keeper });
    const bad = await send(app, "PUT", "/tls", { certificate: "no", key: "no" });
    expect(bad).toMatchObject({ status: 400 });
    expect(changes).toEqual([]);
  });
});
