import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as messages from "../../src/protocol/pasarguard/messages.ts";
import type { ProxyRole } from "../../src/roles/proxy.ts";
import type { Role } from "../../src/roles/role.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { buildFakeCore } from "../support/fake-core/build-fake-core.ts";
import { grpcPanel, restCall } from "../support/panel-client.ts";
import { API_KEY, panelConfig, panelUser, startRequest } from "../support/proxy-fixture.ts";

// The whole role: its own address, certificate and key, and a core that is a process of its own.

let program = "";
beforeAll(() => {
  program = buildFakeCore();
});

function isProxyRole(role: Role | undefined): role is ProxyRole {
  return role?.name === "proxy";
}

async function setUp(protocol: "grpc" | "rest", path = program) {
  const { app, config, logLines, call, close } = await createTestApp({
    config: {
      roles: ["proxy"],
      proxy: {
        host: "127.0.0.1",
        port: 0,
        protocol,
        apiKey: API_KEY,
        core: { path, user: "root" },
      },
    },
  });
  const role = app.roles[0];
  if (!isProxyRole(role)) throw new Error("The app has no proxy role");
  const port = role.listener?.port ?? 0;
  const cert = readFileSync(join(config.dataDir, "proxy/tls/server.crt"), "utf8");
  const headers = { "x-api-key": API_KEY };
  const rest = (method: string, url: string, body?: Uint8Array) =>
    restCall(port, method, url, { headers, ...(body === undefined ? {} : { body }) });
  return { role, port, cert, rest, logLines, call, close };
}

/** Tries until it succeeds. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(20);
    }
  }
}

describe("the proxy role over REST", () => {
  it("runs without a core, tells so, and says why it starts none", async () => {
    const { rest, call } = await setUp("rest", "/nowhere/xray");
    const info = messages.BaseInfoResponse.decode((await rest("GET", "/info")).bytes);
    expect(info).toEqual({ started: false, coreVersion: "", nodeVersion: "0.5.2" });
    const start = await rest("POST", "/start", messages.Backend.encode(startRequest()));
    expect([start.status, start.text]).toEqual([
      503,
      "no xray core on this node: /nowhere/xray is not a program that can be run (proxy.core.path)\n",
    ]);
    const health = await call("GET", "/health");
    expect(JSON.parse(health.body)).toMatchObject({ subsystems: { proxy: "absent" } });
  });

  it("waits for a slow core and passes on why one does not start", async () => {
    const { rest, role } = await setUp("rest");
    const start = (settings: Readonly<Record<string, unknown>>) =>
      rest(
        "POST",
        "/start",
        messages.Backend.encode(startRequest({ config: panelConfig(settings) })),
      );
    expect((await start({ startDelayMs: 400 })).status).toBe(200);
    expect(role.proxy.state).toBe("up");
    const refused = await start({ failWith: "listen tcp :443: bind: permission denied" });
    expect([refused.status, refused.text]).toEqual([
      503,
      "failed to start xray: Failed to start: listen tcp :443: bind: permission denied\n",
    ]);
    expect(role.proxy.state).toBe("absent");
  });

  it("reads latencies from the core's own page", async () => {
    const { rest } = await setUp("rest");
    const config = panelConfig({}, { observatory: { subjectSelector: ["direct"] } });
    await rest("POST", "/start", messages.Backend.encode(startRequest({ config })));
    const latencies = await eventually(async () => {
      const { status, bytes } = await rest("GET", "/stats/latency");
      if (status !== 200) throw new Error(String(status));
      return messages.LatencyResponse.decode(bytes).latencies;
    });
    expect(latencies).toMatchObject([{ name: "direct", alive: true, delay: 12n }]);
  });
});

describe("the proxy role over gRPC", () => {
  const STATS = [messages.StatRequest, messages.StatResponse] as const;
  const BACKEND = [messages.Empty, messages.BackendStatsResponse] as const;

  async function panelOf({ port, cert }: { port: number; cert: string }) {
    const panel = grpcPanel(port, cert, { "x-api-key": API_KEY });
    onTestFinished(() => {
      panel.close();
    });
    const start = [messages.Backend, messages.BaseInfoResponse] as const;
    const settings = {
      online: { "42": { "192.0.2.1": 5 } },
      counters: { "user>>>42>>>t>>>up": 9 },
    };
    const request = startRequest({ users: [], config: panelConfig(settings) });
    await panel.call("Start", start, request);
    return panel;
  }

  it("serves users, traffic and addresses, also across a restart for shadowsocks 2022", async () => {
    const panel = await panelOf(await setUp("grpc"));
    const upload = panel.upload("SyncUser", messages.User);
    upload.send(panelUser("42"));
    upload.end();
    await upload.done;
    const { stats } = await panel.call("GetStats", STATS, { type: 4, reset: true });
    // What the first core had counted, and the second again.
    expect(stats).toEqual([{ name: "42", link: "t", type: "up", value: 18n }]);
    const online = [messages.StatRequest, messages.OnlineStatResponse] as const;
    expect(await panel.call("GetUserOnlineStats", online, { name: "42" })).toEqual({
      name: "42",
      value: 1n,
    });
  });

  it("has a core that crashed back with its users, and none after the end", async () => {
    const node = await setUp("grpc");
    const panel = await panelOf(node);
    const chunks = panel.upload("SyncUsersChunked", messages.UsersChunk);
    chunks.send({ users: [panelUser("7", ["vmess"]), panelUser("crash", ["vless"])], last: true });
    await chunks.done.catch(() => undefined);
    await eventually(async () => {
      if (node.role.proxy.state !== "up") throw new Error("not yet");
      return panel.call("GetBackendStats", BACKEND, {});
    });
    expect(node.logLines.join("\n")).toContain("asked to crash");
    await node.close();
    expect(node.role.proxy.state).toBe("absent");
  });
});
