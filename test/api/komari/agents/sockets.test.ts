// The transcripts of both protocol versions (Komari 10.1, 10.2), and what agents get wrong.
import { describe, expect, it } from "vitest";
import { agentApp, wireReport } from "../../../support/komari-agent-app.ts";
import type { AgentApp, AgentWire } from "../../../support/komari-agent-app.ts";

const VERSION_1 = "/api/clients/report";
const VERSION_2 = "/api/clients/v2/rpc";

interface Connected {
  readonly app: AgentApp;
  readonly node: number;
  readonly token: string;
  readonly wire: AgentWire;
}

async function connected(path: string): Promise<Connected> {
  const app = await agentApp();
  const { node, token } = await app.addNode();
  return { app, node: node.id, token, wire: await app.socket(`${path}?token=${token}`) };
}

/** Time passes no quicker than heartbeats are answered. */
async function pass({ app, wire }: Connected, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    await app.clock.advance(5000);
    await wire.settle();
  }
}

const rpc = (method: string, params: object, id?: string) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

describe("an agent's socket", () => {
  it("of version 1 takes reports in silence", async () => {
    const { app, node, wire } = await connected(VERSION_1);
    expect(app.hub.presence.isOnline(node)).toBe(false);
    await wire.send(wireReport());
    await wire.send({ type: "report", ...wireReport({ cpu: { usage: 50 } }) });
    expect(app.hub.ingest.latest(node)).toMatchObject({ cpuPercent: 50, uptimeSeconds: 86_400 });
    expect(app.hub.presence.isOnline(node)).toBe(true);
    expect(wire.frames).toEqual([]);
  });

  it("of version 2 takes reports as notifications and answers requests", async () => {
    const { app, node, wire } = await connected(VERSION_2);
    await wire.send(rpc("agent.report", { report: wireReport() }));
    expect(app.hub.ingest.latest(node)?.memoryUsedBytes).toBe(400);
    expect(wire.frames).toEqual([]);
    await wire.send(rpc("agent.basicInfo", { info: { os: "Debian", ipv4: "203.0.113.7" } }, "a"));
    expect(app.hub.registry.byId(node)?.facts).toMatchObject({
      osName: "Debian",
      ipv4: "203.0.113.7",
    });
    await wire.send(rpc("agent.report", { report: wireReport() }, "b"));
    await wire.send(rpc("agent.pull", {}, "c"));
    expect(wire.frames).toEqual([
      '{"jsonrpc":"2.0","id":"a","result":{"status":"success"}}',
      '{"jsonrpc":"2.0","id":"b","result":{"events":[],"status":"success"}}',
      '{"jsonrpc":"2.0","id":"c","result":{"events":[]}}',
    ]);
  });

  it.each([
    [
      VERSION_1,
      '{"ping_task_id":1,"message":"ping","ping_type":"tcp","ping_target":"example.net:443"}',
    ],
    [
      VERSION_2,
      '{"jsonrpc":"2.0","method":"agent.ping","params":{"ping_task_id":1,"ping_type":"tcp","ping_target":"example.net:443"}}',
    ],
  ])("is asked for pings: %s", async (path, order) => {
    const { app, node, wire } = await connected(path);
    const task = await app.hub.probes.add({
      name: "CF",
      type: "tcp",
      target: "example.net:443",
      intervalSeconds: 5,
      cover: "except",
      nodes: [],
      weight: 0,
      isDefaultOn: false,
    });
    await app.clock.advance(5000);
    await wire.settle();
    expect(wire.frames).toEqual([order]);
    const result = { task_id: task.id, ping_type: "tcp", value: 17, finished_at: "" };
    const message =
      path === VERSION_1 ? { type: "ping_result", ...result } : rpc("agent.pingResult", result);
    await wire.send(message);
    expect(app.hub.ingest.counters).toMatchObject({ pings: 1, strayPings: 0 });
    await wire.send(
      path === VERSION_1
        ? { type: "ping_result", ...result, task_id: 99 }
        : rpc("agent.pingResult", { ...result, task_id: 99 }),
    );
    expect(app.hub.ingest.counters).toMatchObject({ pings: 1, strayPings: 1 });
    expect(app.hub.presence.isOnline(node)).toBe(false);
    expect(wire.frames).toHaveLength(1);
  });

  it("of an agent that says nothing about losses loses what it does not answer", async () => {
    const agent = await connected(VERSION_1);
    const { app } = agent;
    const settings = {
      name: "CF",
      type: "icmp",
      target: "192.0.2.1",
      nodes: [],
      weight: 0,
    } as const;
    await app.hub.probes.add({
      ...settings,
      intervalSeconds: 60,
      cover: "except",
      isDefaultOn: false,
    });
    await pass(agent, 60);
    expect(app.hub.ingest.counters.pings).toBe(0);
    await pass(agent, 60);
    expect(app.hub.ingest.counters.pings).toBe(1);
  });

  it("carries commands and terminal requests", async () => {
    const { app, node, wire } = await connected(VERSION_2);
    expect(app.hub.ingest.send(node, { kind: "command", run: "aaaa", command: "id -u" })).toBe(
      true,
    );
    expect(app.hub.ingest.send(node, { kind: "terminal", stream: "0123" })).toBe(true);
    await wire.settle();
    expect(wire.frames).toEqual([
      '{"jsonrpc":"2.0","method":"agent.exec","params":{"task_id":"aaaa","command":"id -u"}}',
      '{"message":"terminal","request_id":"0123"}',
    ]);
  });

  it("gives way to a newer one of the same node", async () => {
    const { app, node, token, wire } = await connected(VERSION_1);
    await wire.send(wireReport());
    const second = await app.socket(`${VERSION_2}?token=${token}`);
    expect(await wire.closed).toMatchObject({
      code: 1008,
      reason: expect.stringContaining("newer connection"),
    });
    await second.send(rpc("agent.report", { report: wireReport({ cpu: { usage: 99 } }) }));
    expect(app.hub.ingest.latest(node)?.cpuPercent).toBe(99);
    expect(app.hub.presence.isOnline(node)).toBe(true);
  });

  it("ends when its node is removed or gets another token", async () => {
    const { app, node, wire } = await connected(VERSION_1);
    await app.hub.registry.remove(node);
    expect(await wire.closed).toMatchObject({
      code: 1008,
      reason: expect.stringContaining("removed"),
    });
    const other = await app.addNode();
    const renewed = await app.socket(`${VERSION_1}?token=${other.token}`);
    await app.hub.registry.renewToken(other.node.id);
    expect(await renewed.closed).toMatchObject({
      code: 1008,
      reason: expect.stringContaining("token"),
    });
    await expect(app.socket(`${VERSION_1}?token=${other.token}`)).rejects.toThrow("401");
  });

  it("reports for its own node, whichever the report names", async () => {
    const { app, node, wire } = await connected(VERSION_1);
    const other = await app.addNode("other");
    await wire.send(wireReport({ uuid: other.node.uuid, token: other.token }));
    expect(app.hub.ingest.latest(other.node.id)).toBeUndefined();
    expect(app.hub.ingest.latest(node)).toBeDefined();
  });
});

describe("an agent that gets it wrong", () => {
  it("is told on version 1, in the words of the original, and goes on", async () => {
    const { app, node, wire } = await connected(VERSION_1);
    await wire.send(wireReport());
    await wire.send("{");
    await wire.send({ cpu: "fast" });
    await wire.send({ type: "ping_result", task_id: "x" });
    await wire.send({ type: "weather" });
    expect(wire.frames).toEqual([
      '{"error":"Invalid JSON","status":"error"}',
      '{"error":"Invalid report format","status":"error"}',
      '{"error":"Invalid ping result format","status":"error"}',
      '{"error":"Unknown message type","status":"error"}',
    ]);
    await wire.send(wireReport({ cpu: { usage: 1 } }));
    expect(app.hub.ingest.latest(node)?.cpuPercent).toBe(1);
    expect(app.hub.ingest.counters.malformed).toBe(4);
  });

  it("is told on version 2 what it asked for", async () => {
    const { wire } = await connected(VERSION_2);
    await wire.send("[");
    await wire.send({ ...rpc("agent.report", {}, "a"), jsonrpc: "1.0" });
    await wire.send(rpc("agent.report", { report: 5 }, "b"));
    await wire.send(rpc("agent.taskResult", {}, "c"));
    await wire.send(rpc("agent.report", { report: 5 }));
    const answers: readonly unknown[] = JSON.parse(`[${wire.frames.join(",")}]`);
    expect(answers).toEqual([
      { jsonrpc: "2.0", error: { code: -32_700, message: "parse error" } },
      { jsonrpc: "2.0", id: "a", error: { code: -32_600, message: "invalid jsonrpc version" } },
      { jsonrpc: "2.0", id: "b", error: { code: -32_602, message: "invalid report params" } },
      {
        jsonrpc: "2.0",
        id: "c",
        error: { code: -32_601, message: "method not found", data: "agent.taskResult" },
      },
    ]);
  });

  it("is sent away when it does not even begin with JSON", async () => {
    const { wire } = await connected(VERSION_1);
    wire.throw("hello");
    expect((await wire.closed).code).toBe(1008);
    expect(wire.frames).toEqual(['{"error":"Invalid JSON","status":"error"}']);
  });

  it("is answered ten times a minute and sent away after sixty", async () => {
    const { app, wire } = await connected(VERSION_1);
    await wire.send(wireReport());
    for (let count = 0; count < 61; count += 1) wire.throw("{");
    expect((await wire.closed).code).toBe(1008);
    expect(wire.frames).toHaveLength(10);
    expect(app.hub.ingest.counters.malformed).toBe(61);
  });

  it("with a message that is too large changes nothing", async () => {
    const { app, node, wire } = await connected(VERSION_1);
    await wire.send(wireReport());
    await wire.send(wireReport({ cpu: { usage: 99 }, message: "x".repeat(70_000) }));
    expect(app.hub.ingest.latest(node)?.cpuPercent).toBe(12.5);
    expect(app.hub.ingest.counters.oversize).toBe(1);
  });

  it("with figures that cannot be keeps the earlier ones", async () => {
    const { app, node, wire } = await connected(VERSION_2);
    await wire.send(rpc("agent.report", { report: wireReport() }));
    const bad = wireReport({ ram: { total: -1, used: 1e300 }, cpu: { usage: 4000 }, process: 7 });
    await wire.send(rpc("agent.report", { report: bad }));
    expect(app.hub.ingest.latest(node)).toMatchObject({
      memoryTotalBytes: 1000,
      memoryUsedBytes: 400,
      cpuPercent: 12.5,
      processCount: 7,
    });
    expect(app.hub.ingest.counters.clamped).toBe(3);
  });

  it("and floods ends, while its neighbor goes on", async () => {
    const { app, wire } = await connected(VERSION_1);
    const other = await app.addNode("other");
    const quiet = await app.socket(`${VERSION_1}?token=${other.token}`);
    const frame = JSON.stringify(wireReport());
    for (let count = 0; count < 2000; count += 1) wire.throw(frame);
    // The flood goes on behind the goodbye, so it is cut off.
    await wire.closed;
    expect(app.hub.ingest.counters.reports).toBe(20);
    expect(app.hub.ingest.counters.flooded).toBeGreaterThan(500);
    await quiet.send(wireReport());
    expect(app.hub.ingest.latest(other.node.id)).toBeDefined();
    expect(app.hub.ingest.counters.reports).toBe(21);
  });

  it("and connects again and again has to wait, and the log says why", async () => {
    const { app, token } = await connected(VERSION_1);
    for (let count = 0; count < 19; count += 1) await app.socket(`${VERSION_1}?token=${token}`);
    await expect(app.socket(`${VERSION_1}?token=${token}`)).rejects.toThrow("429");
    await expect(app.socket(`${VERSION_2}?token=${token}`)).rejects.toThrow("429");
    expect(
      app.log.records.filter(({ message }) => message.includes("again and again")),
    ).toHaveLength(1);
    await app.clock.advance(2000);
    await app.socket(`${VERSION_1}?token=${token}`);
  });
});
