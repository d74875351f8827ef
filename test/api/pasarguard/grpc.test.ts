import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import * as messages from "../../../src/protocol/pasarguard/messages.ts";
import { settle } from "../../support/fake-clock.ts";
import { grpcPanel } from "../../support/panel-client.ts";
import type { GrpcFailure } from "../../support/panel-client.ts";
import { panelNode } from "../../support/panel-node.ts";
import { API_KEY, panelConfig, panelUser, startRequest } from "../../support/proxy-fixture.ts";

const INFO = [messages.Empty, messages.BaseInfoResponse] as const;
const BACKEND = [messages.Empty, messages.BackendStatsResponse] as const;
const STATS = [messages.StatRequest, messages.StatResponse] as const;
const ONLINE = [messages.StatRequest, messages.OnlineStatResponse] as const;
const LATENCY = [messages.LatencyRequest, messages.LatencyResponse] as const;

async function setUp(metadata: Record<string, string> = { "x-api-key": API_KEY }) {
  const node = await panelNode("grpc");
  const panel = grpcPanel(node.port, node.cert, metadata);
  onTestFinished(() => {
    panel.close();
  });
  const start = (request = startRequest()) =>
    panel.call("Start", [messages.Backend, messages.BaseInfoResponse], request);
  return { ...node, panel, start };
}

/** Status and text of a call that must fail. */
async function failure(call: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await call;
  } catch (error) {
    const { code, details } = error as GrpcFailure;
    return [code, details];
  }
  throw new Error("The call has succeeded");
}

describe("the key", () => {
  it.each([
    [{}, 16, "missing x-api-key header"],
    [{ "x-api-key": "admin" }, 3, "invalid api key format: must be a valid UUID"],
    [{ "x-api-key": API_KEY.replace("d", "e") }, 7, "api key mismatch"],
  ])("%j is answered with status %i", async (metadata, code, text) => {
    const { panel } = await setUp({ ...metadata });
    expect(await failure(panel.call("GetBaseInfo", INFO, {}))).toEqual([code, text]);
    const upload = panel.upload("SyncUser", messages.User);
    expect(await failure(upload.done)).toEqual([code, text]);
    const log = panel.log();
    const [error] = (await once(log, "error")) as [GrpcFailure];
    expect([error.code, error.details]).toEqual([code, text]);
  });

  it("may also come as a bearer token", async () => {
    const { panel } = await setUp({ authorization: `Bearer ${API_KEY}` });
    const info = await panel.call("GetBaseInfo", INFO, {});
    expect(info).toEqual({ started: false, coreVersion: "", nodeVersion: "0.5.2" });
  });
});

describe("calls", () => {
  it("serve a panel", async () => {
    const { panel, start, core } = await setUp();
    const config = panelConfig({ counters: { "user>>>42>>>traffic>>>downlink": 5 } });
    expect(await start(startRequest({ config }))).toMatchObject({ started: true });
    const { stats } = await panel.call("GetStats", STATS, { type: 4 });
    expect(stats).toEqual([{ name: "42", link: "traffic", type: "downlink", value: 5n }]);
    expect(await panel.call("GetBackendStats", BACKEND, {})).toMatchObject({ numGoroutine: 7 });
    await panel.call("SyncUsers", [messages.Users, messages.Empty], { users: [panelUser("7")] });
    expect(core.latest.core.usersOf("vless")).toEqual(["7"]);
    await panel.call("Stop", [messages.Empty, messages.Empty], {});
    expect(core.latest.isRunning).toBe(false);
  });

  it("fail with the phrases that panels know", async () => {
    const { panel, start, core } = await setUp();
    const backend = () => panel.call("GetBackendStats", BACKEND, {});
    expect(await failure(backend())).toEqual([14, "backend not initialized"]);
    expect(await failure(start(startRequest({ type: 1 })))).toEqual([2, "invalid backend type"]);
    await start();
    expect(await failure(panel.call("GetStats", STATS, { type: 5 }))).toEqual([
      2,
      "email required",
    ]);
    const [code, text] = await failure(panel.call("GetUserOnlineStats", ONLINE, { name: "x" }));
    expect([code, text]).toEqual([5, expect.stringMatching(/not found\.$/)]);
    core.latest.crash();
    expect(await failure(backend())).toEqual([14, "core is not started yet"]);
  });

  it("for latencies need no core", async () => {
    const { panel, start } = await setUp();
    expect(await panel.call("GetOutboundsLatency", LATENCY, {})).toEqual({ latencies: [] });
    await start();
    expect(await failure(panel.call("GetOutboundsLatency", LATENCY, {}))).toEqual([
      2,
      "xray outbound latency is not available",
    ]);
  });

  it("that are not known are unimplemented", async () => {
    const { panel } = await setUp();
    const [code] = await failure(
      panel.call("ListRoutingRules", [messages.Empty, messages.Empty], {}),
    );
    expect(code).toBe(12);
  });

  it("that are cancelled end a start", async () => {
    const { panel, core, proxy } = await setUp();
    core.isSilent = true;
    const gone = new AbortController();
    const call = panel.call(
      "Start",
      [messages.Backend, messages.BaseInfoResponse],
      startRequest(),
      gone.signal,
    );
    const outcome = failure(call);
    while (core.lives.length === 0) await settle();
    gone.abort();
    expect((await outcome)[0]).toBe(1);
    while (proxy.state !== "absent") await settle();
    expect(core.latest.isRunning).toBe(false);
  });
});

describe("uploads", () => {
  it("of users take effect one by one, while the call stays open", async () => {
    const { panel, start, core } = await setUp();
    await start();
    const upload = panel.upload("SyncUser", messages.User);
    upload.send(panelUser("43"));
    while (core.latest.core.usersOf("ss22").length < 2) await settle();
    upload.send(panelUser("42", []));
    upload.end();
    await upload.done;
    expect(core.latest.core.usersOf("vmess")).toEqual(["43"]);
  });

  it("end at the user that fails; earlier ones stay", async () => {
    const { panel, start, core } = await setUp();
    await start();
    const upload = panel.upload("SyncUser", messages.User);
    for (const email of ["43", "refuse", "44"]) upload.send(panelUser(email));
    const [code, text] = await failure(upload.done);
    expect([code, text]).toEqual([
      13,
      expect.stringMatching(/^failed to update user: failed to add/),
    ]);
    expect(core.latest.core.usersOf("vmess")).toEqual(["42", "43"]);
    const nameless = panel.upload("SyncUser", messages.User);
    nameless.send({});
    expect(await failure(nameless.done)).toEqual([2, "email is required"]);
  });

  it("in chunks end with the last chunk, without waiting for the client", async () => {
    const { panel, start, core } = await setUp();
    await start();
    const upload = panel.upload("SyncUsersChunked", messages.UsersChunk);
    upload.send({ users: [panelUser("8")], index: 1n, last: false });
    upload.send({ users: [panelUser("7")], index: 0n, last: false });
    upload.send({ users: [panelUser("9")], index: 2n, last: true });
    await upload.done;
    expect(core.latest.core.usersOf("trojan")).toEqual(["42", "7", "8", "9"]);
  });

  it("in chunks that are no row are refused", async () => {
    const { panel, start } = await setUp();
    await start();
    const upload = panel.upload("SyncUsersChunked", messages.UsersChunk);
    upload.send({ users: [], index: 0n, last: true });
    expect(await failure(upload.done)).toEqual([3, "no users received"]);
    const open = panel.upload("SyncUsersChunked", messages.UsersChunk);
    open.end();
    expect(await failure(open.done)).toEqual([3, "missing final chunk indicator"]);
  });
});

describe("the log", () => {
  it("comes line by line and ends with the core", async () => {
    const { panel, start, core, proxy } = await setUp();
    await start();
    const lines: string[] = [];
    const log = panel.log();
    log.on("data", (bytes: Buffer) => {
      lines.push(messages.Log.decode(bytes).detail);
    });
    while (lines.length === 0) await settle();
    core.latest.say("a line");
    const ended = once(log, "end");
    await proxy.stop();
    await ended;
    expect(lines).toEqual(["Xray 26.1.2 (fake)", "a line"]);
  });

  it("forgets readers that go away", async () => {
    const { panel, start, proxy } = await setUp();
    await start();
    const log = panel.log();
    log.on("error", () => undefined);
    log.resume();
    while (proxy.log.waitingReaders === 0) await settle();
    log.cancel();
    while (proxy.log.waitingReaders > 0) await settle();
    expect(proxy.state).toBe("up");
  });
});

describe("a connection that says nothing", () => {
  it("is cut when the node stops", async () => {
    const { port, close } = await panelNode("grpc");
    const client = connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    await once(client, "connect");
    const closed = once(client, "close");
    await settle();
    await close();
    await closed;
    expect(client.destroyed).toBe(true);
  });
});
