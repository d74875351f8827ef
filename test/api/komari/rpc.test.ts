import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import { OWNER_HEADERS } from "../../support/create-test-app.ts";
import { nodeReport } from "../../support/hub-fixture.ts";
import { loadFigures } from "../../support/hub-storage.ts";
import { komariSite, minutesBefore } from "../../support/komari-site.ts";
import type { KomariSite } from "../../support/komari-site.ts";
import { openTextSocket } from "../../support/text-socket.ts";

type Tree = Readonly<Record<string, unknown>>;

interface Answer {
  readonly jsonrpc: string;
  readonly id?: unknown;
  readonly result?: Tree;
  readonly error?: { readonly code: number; readonly message: string };
}

function post(
  site: KomariSite,
  body: unknown,
): Promise<{ readonly status: number; readonly json: Answer }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return site.asGuest("/api/rpc2", { method: "POST", body: text });
}

/** The records of a node in an answer. */
function recordsOf({ result }: Answer, uuid: string): readonly Tree[] {
  const records = result?.["records"] as Record<string, readonly Tree[]> | undefined;
  return records?.[uuid] ?? [];
}

const request = (method: string, params?: unknown, id: unknown = 1) => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});

describe("RPC2", () => {
  it("answers one with one and several with several, in their order", async () => {
    const site = await komariSite();
    const one = await post(site, request("rpc.ping"));
    expect(one).toMatchObject({ status: 200, json: { jsonrpc: "2.0", result: "pong", id: 1 } });
    const batch = [request("rpc.ping", undefined, "a"), request("rpc.version", undefined, 2)];
    expect((await post(site, batch)).json).toEqual([
      { jsonrpc: "2.0", result: "pong", id: "a" },
      { jsonrpc: "2.0", result: "2.0", id: 2 },
    ]);
    const silent = await post(site, { jsonrpc: "2.0", method: "rpc.ping" });
    expect(silent.json).toEqual({ jsonrpc: "2.0", result: "pong" });
  });

  it("says what is wrong with a request", async () => {
    const site = await komariSite();
    const bad: readonly (readonly [unknown, number, number])[] = [
      ["{", 400, -32_700],
      ["", 400, -32_700],
      [[], 400, -32_600],
      [Array.from({ length: 51 }, () => request("rpc.ping")), 400, -32_600],
      ["5", 200, -32_600],
      [{ id: 1, method: "rpc.ping" }, 200, -32_600],
      [{ jsonrpc: "2.0", id: 1 }, 200, -32_600],
      [request("rpc.nothing"), 200, -32_601],
      [request("common:nothing"), 200, -32_601],
      [request("constructor"), 200, -32_601],
      [request("common:getNodes", { uuid: "nobody" }), 200, -32_602],
      [request("common:getRecords", { type: "other" }), 200, -32_602],
      [request("common:getRecords", { start: "soon" }), 200, -32_602],
      [request("common:getRecords", { hours: -1 }), 200, -32_602],
      [request("public:queryMetrics", {}), 200, -32_602],
      [request("public:queryMetrics", { metric_key: "toString" }), 200, -32_602],
      [request("admin:listClients"), 200, -32_041],
    ];
    for (const [body, status, code] of bad) {
      const answer = await post(site, body);
      expect([body, answer.status, answer.json.error?.code]).toEqual([body, status, code]);
    }
  });

  it("takes parameters by name, by position and alone", async () => {
    const site = await komariSite();
    const { node } = await site.addNode({ name: "n" });
    for (const params of [{ uuid: node.uuid }, [node.uuid], node.uuid]) {
      const { json } = await post(site, request("common:getNodes", params));
      expect(json.result).toMatchObject({ uuid: node.uuid, name: "n" });
    }
  });

  it("gives the latest status of each node with every key, of which connections are all of them", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    await site.addNode({ name: "silent" });
    site.connect(node).session.report(nodeReport());
    const { json } = await post(site, request("common:getNodesLatestStatus"));
    expect(Object.keys(json.result ?? {})).toEqual([node.uuid]);
    expect(json.result?.[node.uuid]).toMatchObject({
      client: node.uuid,
      cpu: 12.5,
      load: 0.5,
      load5: 0.25,
      load15: 0.125,
      temp: 41.5,
      connections: 23,
      connections_udp: 12,
      online: true,
      uptime: 86_400,
      ping: {},
    });
    const one = await post(site, request("common:getNodesLatestStatus", { uuid: node.uuid }));
    expect(one.json.result).toEqual(json.result?.[node.uuid]);
  });

  it("gives the history by node, thinned to what was asked for", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const times = minutesBefore(Date.now(), 30);
    const rows = times.map((at) => ({ node: node.id, at, load: loadFigures(), pings: [] }));
    site.hub.series.append(rows);
    const { json } = await post(site, request("common:getRecords", { hours: 1, maxCount: 10 }));
    expect(json.result).toMatchObject({ count: 10 });
    const records = recordsOf(json, node.uuid);
    expect(records).toHaveLength(10);
    expect(Date.parse(String(records.at(-1)?.["time"]))).toBe(times.at(-1));
    const ram = await post(site, request("common:getRecords", { hours: 1, load_type: "ram" }));
    const [first] = recordsOf(ram.json, node.uuid);
    expect(Object.keys(first ?? {}).sort()).toEqual([
      "client",
      "ram",
      "ram_percent",
      "ram_total",
      "time",
    ]);
    const metrics = await post(
      site,
      request("public:queryMetrics", { metric_keys: ["cpu.usage", "traffic.up"], hours: 1 }),
    );
    expect(metrics.json.result).toMatchObject({
      count: 2,
      series: [
        { metric_key: "cpu.usage", entity_id: node.uuid, downsample_algorithm: "avg", count: 30 },
        { metric_key: "traffic.up", downsample_algorithm: "sum" },
      ],
    });
  });

  it("works on a socket, one answer after the other, with the rights of who opened it", async () => {
    const site = await komariSite();
    const guest = await openTextSocket(site.app.url, "/api/rpc2");
    for (let id = 0; id < 5; id += 1)
      guest.send(JSON.stringify(request("rpc.ping", undefined, id)));
    for (let id = 0; id < 5; id += 1) expect(await guest.next()).toContain(`"id":${id}`);
    guest.send("{broken");
    expect(await guest.next()).toContain("-32600");
    guest.send(JSON.stringify(request("admin:getSettings")));
    expect(await guest.next()).toContain("-32041");
    const admin = await openTextSocket(site.app.url, "/api/rpc2", OWNER_HEADERS);
    admin.send(JSON.stringify(request("admin:getSettings")));
    expect(await admin.next()).toContain('"sitename":"Farhand"');
    const plain = await site.asGuest("/api/rpc2");
    expect(plain.status).toBe(400);
  });

  it("sends those away who send what is no request, or more than can wait", async () => {
    const site = await komariSite();
    const big = await openTextSocket(site.app.url, "/api/rpc2");
    big.send("x".repeat(300_000));
    expect(await big.closed).toBe(1008);
    const many = await openTextSocket(site.app.url, "/api/rpc2");
    for (let id = 0; id < 500; id += 1) many.send(JSON.stringify(request("rpc.ping")));
    expect(await many.closed).toBe(1008);
  });

  it("lists what it can do", async () => {
    const site = await komariSite();
    const { json } = await post(site, request("rpc.methods"));
    expect(json.result).toEqual(expect.arrayContaining(["common:getNodes", "public:getMe"]));
    const help = await post(site, request("rpc.help", { method: "common:getNodes" }));
    expect(help.json.result).toMatchObject({ name: "common:getNodes" });
  });
});

describe("the viewers' socket", () => {
  it("answers what it does not know with an error and goes on", async () => {
    const site = await komariSite();
    const socket = await openTextSocket(site.app.url, "/api/clients");
    for (const text of ["", "GET", "give", `get${"x".repeat(100)}`, "{}"]) {
      expect(await socket.ask(text)).toEqual({ status: "error", error: "Invalid message" });
    }
    expect(await socket.ask("get")).toMatchObject({ status: "success" });
    const plain = await site.asGuest("/api/clients");
    expect([plain.status, plain.json]).toEqual([
      400,
      { status: "error", error: "Require WebSocket upgrade" },
    ]);
  });

  it("sends one that asks without end away", async () => {
    const site = await komariSite();
    const socket = await openTextSocket(site.app.url, "/api/clients");
    for (let count = 0; count < 30; count += 1) socket.send("get");
    expect(await socket.closed).toBe(1008);
  });
});

describe("records that cannot be asked for so", () => {
  it("are refused in the words of the original", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const load = `/api/records/load?uuid=${node.uuid}`;
    const bad: readonly (readonly [string, string])[] = [
      ["/api/records/load", "UUID is required"],
      [`${load}&hours=x`, "Invalid hours parameter"],
      [`${load}&hours=1.5`, "Invalid hours parameter"],
      [`${load}&hours=0`, "Invalid hours parameter"],
      [`${load}&hours=-4`, "Invalid hours parameter"],
      [`${load}&load_type=other`, "Invalid load_type parameter"],
      ["/api/records/ping", "UUID or task_id is required"],
      ["/api/records/ping?task_id=x", "Invalid task_id parameter"],
    ];
    for (const [path, message] of bad) {
      const { status, json } = await site.asGuest(path);
      expect([path, status, json]).toEqual([path, 400, { status: "error", message }]);
    }
    const empty = await site.asGuest<{ data: unknown }>("/api/records/load?uuid=nobody&hours=4");
    expect(empty.json.data).toEqual({ count: 0, records: [], has_gpu_data: false });
    const pings = await site.asGuest<{ data: unknown }>("/api/records/ping?uuid=nobody&hours=4");
    expect(pings.json.data).toEqual({ count: 0, records: [] });
    // However long ago: what is kept, and no more work than that.
    expect((await site.asGuest(`${load}&hours=999999999`)).status).toBe(200);
  });
});

describe("signing in", () => {
  const login = (site: KomariSite, body: unknown, headers: Record<string, string> = {}) =>
    site.asGuest<{ message: string; data: unknown }>("/api/login", {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  it("gives a cookie that scripts cannot read, and logging out ends it and leads home", async () => {
    const site = await komariSite();
    const good = { username: "admin", password: "correct horse" };
    const { status, json, headers } = await login(site, good);
    expect([status, json]).toMatchObject([200, { data: { "set-cookie": {} } }]);
    expect(headers["set-cookie"]).toMatch(/^session_token=\S+; HttpOnly; Path=\/; SameSite=\w+/);
    const cookie = { headers: { Cookie: String(headers["set-cookie"]?.split(";")[0]) } };
    expect((await site.asGuest<Tree>("/api/me", cookie)).json).toMatchObject({ logged_in: true });
    const out = await site.asGuest("/api/logout", cookie);
    expect([out.status, out.headers["location"]]).toEqual([302, "/"]);
    expect(out.headers["set-cookie"]).toContain("Max-Age=0");
    expect((await site.asGuest<Tree>("/api/me", cookie)).json).toMatchObject({ logged_in: false });
    expect((await site.asGuest("/api/logout")).status).toBe(302);
  });

  it("fails in the words that front ends know", async () => {
    const site = await komariSite();
    const missing = "Invalid request body: Username and password are required";
    const bad: readonly (readonly [unknown, number, string])[] = [
      [{ username: "admin", password: "wrong" }, 401, "Invalid credentials"],
      [{ username: "no such name!", password: "x" }, 401, "Invalid credentials"],
      [{ username: "admin" }, 400, missing],
      [{ username: 5, password: ["x"] }, 400, missing],
      ["null", 400, missing],
      ["{", 400, "Invalid or missing request body"],
    ];
    for (const [body, status, message] of bad) {
      const answer = await login(site, body);
      expect([body, answer.status, answer.json.message]).toEqual([body, status, message]);
    }
    const foreign = await login(
      site,
      { username: "admin", password: "correct horse" },
      {
        Origin: "https://evil.example",
      },
    );
    expect(foreign.status).toBe(401);
    expect(foreign.headers["set-cookie"]).toBeUndefined();
  });

  it("asks for the one-time code in words that front ends know, and again before dangerous acts", async () => {
    const site = await komariSite();
    const { node } = await site.addNode();
    const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    writeFileSync(join(site.app.config.dataDir, "totp.secret"), secret, { mode: 0o600 });
    const right = { username: "admin", password: "correct horse" };
    const told = async (body: unknown) => {
      const { status, json } = await login(site, body);
      return [status, json.message];
    };
    await expect.poll(() => told(right)).toEqual([401, "2FA code is required"]);
    expect(await told({ ...right, "2fa_code": "000000" })).toEqual([401, "Invalid 2FA code"]);
    expect(await told({ ...right, password: "wrong", "2fa_code": "1" })).toEqual([
      401,
      "Invalid credentials",
    ]);
    const code = generateSync({ secret });
    const { status, headers } = await login(site, { ...right, "2fa_code": code });
    expect(status).toBe(200);
    const cookie = { Cookie: String(headers["set-cookie"]?.split(";")[0]) };
    const me = await site.asGuest<Tree>("/api/me", { headers: cookie });
    expect(me.json).toMatchObject({ "2fa_enabled": true });
    const body = JSON.stringify({ command: "id", clients: [node.uuid] });
    const exec = { method: "POST", body, headers: cookie };
    const without = await site.asGuest<Tree>("/api/admin/task/exec", exec);
    expect([without.status, without.json["message"]]).toEqual([401, "2FA code is required"]);
    const wrong = { ...exec, headers: { ...cookie, "X-2FA-Code": "000000" } };
    const refused = await site.asGuest<Tree>("/api/admin/task/exec", wrong);
    expect([refused.status, refused.json["message"]]).toEqual([401, "Invalid 2FA code"]);
    const terminal = `/api/admin/client/${node.uuid}/terminal`;
    await expect(openTextSocket(site.app.url, terminal, cookie)).rejects.toThrow("401");
  });

  it("takes an API token for what its user may, and for no more", async () => {
    const site = await komariSite();
    await site.addNode({ isHidden: true });
    const owner = await site.asAdmin<Tree>("/api/me");
    expect(owner.json).toMatchObject({ username: "admin" });
    const issue = async (role: string) => {
      const { body } = await site.app.call("POST", "/native/fleet/tokens", {
        headers: { ...OWNER_HEADERS, "Content-Type": "application/json" },
        body: JSON.stringify({ name: role, role }),
      });
      const { token }: { token: string } = JSON.parse(body);
      return { headers: { Authorization: `Bearer ${token}` } };
    };
    const [admin, viewer] = [await issue("admin"), await issue("viewer")];
    expect((await site.asGuest("/api/admin/client/list", admin)).status).toBe(200);
    expect((await site.asGuest("/api/admin/client/list", viewer)).status).toBe(401);
    const seen = await site.asGuest<{ data: readonly unknown[] }>("/api/nodes", viewer);
    expect(seen.json.data).toHaveLength(1);
    const socket = await openTextSocket(site.app.url, "/api/rpc2", viewer.headers);
    socket.send(JSON.stringify(request("admin:listClients")));
    expect(await socket.next()).toContain("-32041");
    const wrong = { headers: { Authorization: "Bearer nothing" } };
    expect((await site.asGuest<Tree>("/api/me", wrong)).json).toMatchObject({ logged_in: false });
  });
});
