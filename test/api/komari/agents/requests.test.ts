// Agents without sockets: registration, and everything that goes by single requests (Komari 1.3, 1.4, 1.6, 1.7, 1.10).
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { httpCall } from "../../../support/http-request.ts";
import { agentApp, DISCOVERY_KEY, wireReport } from "../../../support/komari-agent-app.ts";

const REGISTER = "/api/clients/register";
const REPORT = "/api/clients/report";
const RPC = "/api/clients/v2/rpc";
const bearer = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
const call = (method: string, params: object, id?: string) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

describe("registration", () => {
  it("makes a node with the name that the agent gives", async () => {
    const app = await agentApp();
    const { status, body } = await app.post(
      `${REGISTER}?name=web-01`,
      { key: DISCOVERY_KEY },
      bearer(DISCOVERY_KEY),
    );
    expect(status).toBe(200);
    const answer: { data: { uuid: string; token: string } } = JSON.parse(body);
    expect(answer).toEqual({
      status: "success",
      message: "",
      data: { uuid: expect.any(String), token: expect.any(String) },
    });
    const node = app.hub.registry.authenticate(answer.data.token);
    expect(node).toMatchObject({ uuid: answer.data.uuid, name: "Auto-web-01" });
  });

  it("makes names safe, and one up where there is none", async () => {
    const app = await agentApp();
    const hostile = encodeURIComponent(`a\u202E\u0000\n<b>${"x".repeat(500)}`);
    await app.post(`${REGISTER}?name=${hostile}`, undefined, bearer(DISCOVERY_KEY));
    await app.post(REGISTER, undefined, bearer(DISCOVERY_KEY));
    const [first, second] = app.hub.registry.nodes;
    expect(first?.name).toMatch(/^Auto-a {3}<b>x+$/);
    expect(first?.name).toHaveLength(133);
    expect(second?.name).toMatch(/^Auto-[0-9a-f]{8}$/);
  });

  it.each([
    ["no key", {}],
    ["another key", bearer("key-of-another")],
    ["the key as a prefix", bearer(`${DISCOVERY_KEY}x`)],
    ["the key without its word", { headers: { Authorization: DISCOVERY_KEY } }],
  ])("refuses %s", async (_, options) => {
    const app = await agentApp();
    const { status, body } = await app.post(REGISTER, { key: DISCOVERY_KEY }, options);
    expect([status, body]).toEqual([
      403,
      '{"status":"error","message":"Invalid AutoDiscovery Key"}',
    ]);
    expect(app.hub.registry.nodes).toEqual([]);
    expect(app.hub.ingest.counters.unauthorized).toBe(1);
  });

  it("is off without a key", async () => {
    const app = await agentApp({ discoveryKey: "" });
    expect((await app.post(REGISTER, undefined, bearer(""))).status).toBe(403);
  });

  it("is braked after wrong keys, even for the right one", async () => {
    const app = await agentApp();
    for (let count = 0; count < 6; count += 1) await app.post(REGISTER, undefined, bearer("wrong"));
    expect((await app.post(REGISTER, undefined, bearer(DISCOVERY_KEY))).status).toBe(429);
    await app.clock.advance(1000);
    expect((await app.post(REGISTER, undefined, bearer(DISCOVERY_KEY))).status).toBe(200);
  });

  it("ends when there are as many nodes as are allowed", async () => {
    const app = await agentApp({ maxNodes: 1 });
    await app.post(REGISTER, undefined, bearer(DISCOVERY_KEY));
    const { status, body } = await app.post(REGISTER, undefined, bearer(DISCOVERY_KEY));
    expect([status, body]).toEqual([
      429,
      '{"status":"error","message":"There are 1 nodes already"}',
    ]);
  });
});

describe("a token", () => {
  it.each([
    [
      "the address",
      (token: string) => ({ path: `${REPORT}?token=${token}`, body: {}, headers: {} }),
    ],
    [
      "the address by its other name",
      (token: string) => ({ path: `${REPORT}?Authorization=${token}`, body: {}, headers: {} }),
    ],
    ["a header", (token: string) => ({ path: REPORT, body: {}, ...bearer(token) })],
    ["the body", (token: string) => ({ path: REPORT, body: { token }, headers: {} })],
  ])("is taken from %s", async (_, place) => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const { path, body, headers } = place(token);
    const answer = await app.post(path, { ...wireReport(), ...body }, { headers });
    expect([answer.status, answer.body]).toEqual([200, '{"status":"success"}']);
    expect(app.hub.ingest.latest(node.id)?.cpuPercent).toBe(12.5);
  });

  it("is demanded everywhere, and nothing else lets anybody in", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const refused = [401, '{"status":"error","message":"Unauthorized."}'];
    const places: readonly (readonly [string, string, object?])[] = [
      ["POST", REPORT, { uuid: node.uuid }],
      ["POST", `${REPORT}?token=`],
      ["POST", `${REPORT}?token=${node.uuid}`],
      ["POST", REPORT, { token: token.slice(1) }],
      ["POST", REPORT, { token: [token] }],
      ["POST", "/api/clients/uploadBasicInfo", {}],
      ["POST", `${RPC}?token=${token}x`, {}],
      ["POST", "/api/clients/ping/result", {}],
      ["GET", "/api/clients/ping/tasks"],
      ["GET", REPORT],
      ["GET", RPC],
    ];
    for (const [method, path, body] of places) {
      const { status, body: text } = await app.post(path, body, { method });
      expect([path, status, text]).toEqual([path, ...refused]);
    }
    expect(app.hub.ingest.counters.unauthorized).toBe(places.length);
    await expect(app.socket(`${REPORT}?token=nobody`)).rejects.toThrow("401");
    await expect(app.socket(RPC)).rejects.toThrow("401");
  });

  it("that is wrong slows its address down, but not the right ones there", async () => {
    const app = await agentApp();
    const { token } = await app.addNode();
    for (let count = 0; count < 60; count += 1) {
      expect((await app.post(`${REPORT}?token=wrong`, {})).status).toBe(401);
    }
    expect((await app.post(`${REPORT}?token=wrong`, {})).status).toBe(429);
    expect((await app.post(`${REPORT}?token=${token}`, wireReport())).status).toBe(200);
    await app.clock.advance(1000);
    expect((await app.post(`${REPORT}?token=wrong`, {})).status).toBe(401);
  });
});

describe("a report by request", () => {
  it("belongs to the node of its token, whichever it names", async () => {
    const app = await agentApp();
    const [own, other] = [await app.addNode(), await app.addNode()];
    await app.post(`${REPORT}?token=${own.token}`, wireReport({ uuid: other.node.uuid }));
    expect(app.hub.ingest.latest(own.node.id)).toBeDefined();
    expect(app.hub.ingest.latest(other.node.id)).toBeUndefined();
    expect(app.hub.presence.isOnline(own.node.id)).toBe(true);
  });

  it.each([
    ["no JSON", "{", 400],
    ["a list", "[]", 400],
    ["wrong types", '{"cpu":1}', 400],
    ["more than it may be", JSON.stringify({ message: "x".repeat(70_000) }), 413],
  ])("is refused when it is %s", async (_, body, expected) => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const { status } = await app.post(`${REPORT}?token=${token}`, undefined, { body });
    expect(status).toBe(expected);
    expect(app.hub.ingest.latest(node.id)).toBeUndefined();
    const { malformed, oversize } = app.hub.ingest.counters;
    expect(malformed + oversize).toBe(1);
  });

  it("is refused after too many of them", async () => {
    const app = await agentApp();
    const { token } = await app.addNode();
    const statuses = await Promise.all(
      Array.from({ length: 25 }, async () =>
        app.post(`${REPORT}?token=${token}`, wireReport()).then(({ status }) => status),
      ),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  });
});

describe("a description by request", () => {
  it("is kept, with nothing that only people may say", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode("mine");
    const info = {
      os: "Debian",
      cpu_cores: 2,
      ipv4: "",
      ipv6: "2001:db8::7",
      name: "x",
      token: "y",
    };
    const { status, body } = await app.post(`/api/clients/uploadBasicInfo?token=${token}`, info);
    expect([status, body]).toEqual([200, '{"status":"success"}']);
    const record = app.hub.registry.byId(node.id);
    expect(record?.name).toBe("mine");
    expect(record?.facts).toMatchObject({ osName: "Debian", logicalCores: 2, ipv6: "2001:db8::7" });
    expect(app.hub.registry.authenticate(token)?.id).toBe(node.id);
  });

  it("is refused in the words of the original when it is none", async () => {
    const app = await agentApp();
    const { token } = await app.addNode();
    const { status, body } = await app.post(`/api/clients/uploadBasicInfo?token=${token}`, [1]);
    expect([status, body]).toEqual([400, '{"error":"Invalid or missing data","status":"error"}']);
  });
});

describe("version 2 by requests", () => {
  it("is compressed as stock agents do it, and answered even without an identifier", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const send = (request: object) =>
      app.post(`${RPC}?token=${token}`, undefined, {
        body: gzipSync(JSON.stringify(request)),
        headers: { "Content-Encoding": "gzip" },
      });
    const info = await send(call("agent.basicInfo", { info: { os: "Debian" } }));
    expect(info.body).toBe('{"jsonrpc":"2.0","result":{"status":"success"}}');
    const report = await send(call("agent.report", { report: wireReport() }, "report-1"));
    expect([report.status, report.body]).toEqual([
      200,
      '{"jsonrpc":"2.0","id":"report-1","result":{"events":[],"status":"success"}}',
    ]);
    expect(app.hub.ingest.latest(node.id)?.uptimeSeconds).toBe(86_400);
  });

  it("brings commands again until they are acknowledged, and no terminal", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const report = async (ack: readonly string[]) => {
      const params = { report: wireReport(), ack_event_ids: ack };
      const { body } = await app.post(`${RPC}?token=${token}`, call("agent.report", params, "r"));
      const answer: { result: { events: { id: string }[] } } = JSON.parse(body);
      return answer.result.events;
    };
    expect(await report([])).toEqual([]);
    expect(app.hub.ingest.send(node.id, { kind: "command", run: "aaaa", command: "id" })).toBe(
      true,
    );
    expect(app.hub.ingest.send(node.id, { kind: "terminal", stream: "0123" })).toBe(false);
    const [event] = await report([]);
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      method: "agent.exec",
      params: { task_id: "aaaa", command: "id" },
      created_at: "2026-01-05T00:00:00.000Z",
      expires_at: "2026-01-05T00:05:00.000Z",
    });
    expect(await report([])).toEqual([event]);
    expect(await report([event?.id ?? ""])).toEqual([]);
  });

  it("holds a pull until there is something to do, or 25 s", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    const pull = () => app.post(`${RPC}?token=${token}`, call("agent.pull", {}, "pull-1"));
    await app.post(`${RPC}?token=${token}`, call("agent.report", { report: wireReport() }, "r"));
    const first = pull();
    while (app.clock.pending < 3) await app.clock.advance(0);
    app.hub.ingest.send(node.id, { kind: "ping", task: 1, type: "icmp", target: "1.1.1.1" });
    expect((await first).body).toContain('"method":"agent.ping"');
    await app.clock.advance(3000);
    const before = app.clock.pending;
    const second = pull();
    while (app.clock.pending === before) await app.clock.advance(0);
    await app.clock.advance(25_000);
    expect((await second).body).toBe('{"jsonrpc":"2.0","id":"pull-1","result":{"events":[]}}');
  });

  it("hands what waits to the socket that comes back", async () => {
    const app = await agentApp();
    const { node, token } = await app.addNode();
    await app.post(`${RPC}?token=${token}`, call("agent.report", { report: wireReport() }, "r"));
    app.hub.ingest.send(node.id, { kind: "command", run: "aaaa", command: "id" });
    const wire = await app.socket(`${RPC}?token=${token}`);
    await wire.settle();
    expect(wire.frames).toEqual([
      '{"jsonrpc":"2.0","method":"agent.exec","params":{"task_id":"aaaa","command":"id"}}',
    ]);
  });

  it.each([
    ["a body that is not what it says", Buffer.from("no gzip"), "invalid compressed body"],
    [
      "a body that grows beyond all limits",
      gzipSync(Buffer.alloc(10_000_000)),
      "invalid compressed body",
    ],
    ["a body that is no JSON", gzipSync("{"), "parse error"],
  ])("refuses %s", async (_, body, message) => {
    const app = await agentApp();
    const { token } = await app.addNode();
    const { status, body: text } = await app.post(`${RPC}?token=${token}`, undefined, {
      body,
      headers: { "Content-Encoding": "gzip" },
    });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { jsonrpc: "2.0", error: { code: -32_700, message } },
    ]);
    expect(app.hub.ingest.counters.malformed).toBe(1);
  });

  it.each([
    [{ method: "agent.report", params: {} }, -32_600],
    [call("agent.report", {}, "a"), -32_602],
    [call("agent.unknown", {}, "a"), -32_601],
  ])("answers 400 to %j", async (request, code) => {
    const app = await agentApp();
    const { token } = await app.addNode();
    const { status, body } = await app.post(`${RPC}?token=${token}`, request);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { code } });
  });
});

describe("ping tasks by request", () => {
  it("are the node's own, and their results count", async () => {
    const app = await agentApp();
    const [own, other] = [await app.addNode(), await app.addNode()];
    const common = { type: "icmp", target: "1.1.1.1", intervalSeconds: 60, weight: 4 } as const;
    const more = { cover: "only", isDefaultOn: true } as const;
    const task = await app.hub.probes.add({ ...common, ...more, name: "CF", nodes: [own.node.id] });
    await app.hub.probes.add({ ...common, ...more, name: "DNS", nodes: [other.node.id] });
    const path = `/api/clients/ping/tasks?token=${own.token}`;
    const { body } = await httpCall(app.url, path);
    expect(JSON.parse(body)).toEqual([
      {
        id: task.id,
        weight: 4,
        name: "CF",
        clients: [own.node.uuid],
        default_on: true,
        type: "icmp",
        target: "1.1.1.1",
        interval: 60,
      },
    ]);
    const result = { task_id: task.id, value: 24, ping_type: "icmp" };
    const answer = await app.post(`/api/clients/ping/result?token=${own.token}`, result);
    expect(answer.body).toBe('{"status":"success"}');
    await app.post(`/api/clients/ping/result?token=${other.token}`, result);
    expect(app.hub.ingest.counters).toMatchObject({ pings: 1, strayPings: 1 });
  });
});

describe("a route of sockets", () => {
  it.each([REPORT, RPC])("says that it is one: %s", async (path) => {
    const app = await agentApp();
    const { token } = await app.addNode();
    const { status, body } = await httpCall(app.url, `${path}?token=${token}`);
    expect([status, body]).toEqual([400, '{"error":"Require WebSocket upgrade","status":"error"}']);
  });
});
