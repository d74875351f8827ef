import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../../src/core/bytes.ts";
import * as messages from "../../../src/protocol/pasarguard/messages.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { endlessUpload, restCall, restStream } from "../../support/panel-client.ts";
import type { RestCall } from "../../support/panel-client.ts";
import { panelNode } from "../../support/panel-node.ts";
import { API_KEY, panelConfig, panelUser, startRequest } from "../../support/proxy-fixture.ts";

const ONLINE = { "42": { "192.0.2.1": 5 } };
const COUNTERS = { "user>>>42>>>traffic>>>uplink": 10, "outbound>>>direct>>>traffic>>>uplink": 7 };

async function setUp() {
  const node = await panelNode("rest");
  const call = (method: string, path: string, more: RestCall = {}) =>
    restCall(node.port, method, path, { headers: node.headers, ...more });
  const start = (
    body = startRequest({ config: panelConfig({ online: ONLINE, counters: COUNTERS }) }),
  ) => call("POST", "/start", { body: messages.Backend.encode(body) });
  return { ...node, call, start };
}

function frame(chunk: messages.UsersChunk): Uint8Array {
  const payload = messages.UsersChunk.encode(chunk);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, payload.length);
  return concatBytes(length, payload);
}

describe("the key", () => {
  it.each([
    [{}, 401, "missing x-api-key header\n"],
    [{ "x-api-key": "" }, 401, "missing x-api-key header\n"],
    [{ "x-api-key": "admin" }, 422, "invalid api key format: must be a valid UUID\n"],
    [{ "x-api-key": API_KEY.replace("d", "e") }, 403, "api key mismatch\n"],
    [{ authorization: "Basic eA==" }, 401, "missing x-api-key header\n"],
  ])("%j is answered %i", async (headers, status, text) => {
    const { call } = await setUp();
    for (const path of ["/info", "/nowhere", "/stats/nowhere"]) {
      const answer = await call("GET", path, { headers });
      expect([answer.status, answer.text]).toEqual([status, text]);
    }
  });

  it.each([
    { "x-api-key": API_KEY },
    { "x-api-key": `URN:UUID:${API_KEY.toUpperCase()}` },
    { authorization: `Bearer ${API_KEY}` },
  ])("%j is accepted", async (headers) => {
    const { call } = await setUp();
    const answer = await call("GET", "/info", { headers });
    expect(answer.status).toBe(200);
    expect(messages.BaseInfoResponse.decode(answer.bytes)).toEqual({
      started: false,
      coreVersion: "",
      nodeVersion: "0.5.2",
    });
  });

  it("that is wrong again and again makes the address wait", async () => {
    const { call, headers } = await setUp();
    const wrong = { headers: { "x-api-key": API_KEY.replace("d", "e") } };
    for (let attempt = 0; attempt < 6; attempt += 1) await call("GET", "/info", wrong);
    expect((await call("GET", "/info", wrong)).status).toBe(429);
    expect((await call("GET", "/info", { headers })).status).toBe(200);
  });
});

describe("routes", () => {
  it("that do not exist, or not for a method", async () => {
    const { call } = await setUp();
    const unknown = await call("GET", "/info/");
    expect([unknown.status, unknown.text]).toEqual([404, "404 page not found\n"]);
    const other = await call("DELETE", "/start");
    expect([other.status, other.headers.allow, other.text]).toEqual([405, "POST", ""]);
    expect((await call("GET", "/users/sync/chunked")).headers.allow).toBe("PUT");
  });

  it.each([
    ["PUT", "/stop"],
    ["GET", "/logs"],
    ["GET", "/stats"],
    ["GET", "/stats/"],
    ["GET", "/stats/latency"],
    ["GET", "/stats/user/online"],
    ["GET", "/stats/user/online_ip"],
    ["GET", "/stats/backend"],
    ["GET", "/stats/system"],
    ["GET", "/stats/nowhere"],
    ["POST", "/stats/backend"],
    ["PUT", "/user/sync"],
    ["PUT", "/users/sync"],
    ["PUT", "/users/sync/chunked"],
  ])("%s %s needs a core first", async (method, path) => {
    const { call } = await setUp();
    const answer = await call(method, path);
    expect([answer.status, answer.text]).toEqual([500, "backend not initialized\n"]);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  it("serve every call of a panel", async () => {
    const { call, start, core } = await setUp();
    const started = await start();
    expect(started.headers["content-type"]).toBe("application/x-protobuf");
    expect(messages.BaseInfoResponse.decode(started.bytes)).toEqual({
      started: true,
      coreVersion: "26.1.2",
      nodeVersion: "0.5.2",
    });
    const body = messages.StatRequest.encode({ name: "42", type: 4, reset: true });
    const stats = await call("GET", "/stats", { body });
    expect(messages.StatResponse.decode(stats.bytes).stats).toEqual([
      { name: "42", link: "traffic", type: "uplink", value: 10n },
    ]);
    const outbounds = messages.StatResponse.decode((await call("GET", "/stats/")).bytes);
    expect(outbounds.stats).toEqual([
      { name: "direct", link: "traffic", type: "uplink", value: 7n },
    ]);
    const online = messages.OnlineStatResponse.decode(
      (await call("GET", "/stats/user/online", { body })).bytes,
    );
    expect(online).toEqual({ name: "42", value: 1n });
    const addresses = await call("GET", "/stats/user/online_ip", { body });
    expect(messages.StatsOnlineIpListResponse.decode(addresses.bytes).ips.get("192.0.2.1")).toBe(
      5n,
    );
    const backend = messages.BackendStatsResponse.decode(
      (await call("GET", "/stats/backend")).bytes,
    );
    expect(backend.numGoroutine).toBe(7);
    expect((await call("GET", "/stats/system")).status).toBe(200);
    core.vars = JSON.stringify({ observatory: { direct: { alive: true, delay: 12 } } });
    const latency = messages.LatencyResponse.decode((await call("GET", "/stats/latency")).bytes);
    expect(latency.latencies).toMatchObject([
      { name: "direct", link: "direct", alive: true, delay: 12n, source: "xray-observatory" },
    ]);
    const stopped = await call("PUT", "/stop");
    expect([stopped.status, stopped.bytes.length]).toEqual([200, 0]);
    expect(core.latest.isRunning).toBe(false);
  });
});

describe("failures", () => {
  it("are plain text with the phrases that panels know", async () => {
    const { call, start, core } = await setUp();
    const broken = await call("POST", "/start", { body: Uint8Array.of(0x0a, 0x05) });
    expect(broken.status).toBe(400);
    const refused = await start(startRequest({ config: "{" }));
    expect([refused.status, refused.text]).toEqual([
      503,
      expect.stringMatching(/^invalid config: .*\n$/),
    ]);
    await start();
    const name = messages.StatRequest.encode({ name: "nobody" });
    const unseen = await call("GET", "/stats/user/online", { body: name });
    expect([unseen.status, unseen.text]).toEqual([404, expect.stringMatching(/not found\.\n$/)]);
    const unnamed = await call("GET", "/stats", { body: messages.StatRequest.encode({ type: 5 }) });
    expect([unnamed.status, unnamed.text]).toEqual([500, "email required\n"]);
    expect((await call("GET", "/stats/latency")).status).toBe(502);
    core.latest.crash();
    const down = await call("GET", "/stats/backend");
    expect([down.status, down.text]).toEqual([503, "core is not started yet\n"]);
  });

  it("never let a body grow without end", async () => {
    const { call } = await setUp();
    const megabytes = Array.from({ length: 65 }, () => new Uint8Array(1024 * 1024));
    const answer = await call("POST", "/start", { body: megabytes }).catch(() => undefined);
    // The rest of the body may be cut off before the answer is read.
    expect([413, undefined]).toContain(answer?.status);
  });
});

describe("users", () => {
  it("are synchronized one by one, all, and in chunks of both framings", async () => {
    const { call, start, core } = await setUp();
    await start();
    const users = () => core.latest.core.usersOf("vmess");
    await call("PUT", "/user/sync", { body: messages.User.encode(panelUser("43")) });
    expect(users()).toEqual(["42", "43"]);
    const all = messages.Users.encode({ users: [panelUser("7")] });
    await call("PUT", "/users/sync", { body: all });
    expect(users()).toEqual(["7"]);
    const chunks = [
      { users: [panelUser("8")], index: 0n, last: false },
      { users: [panelUser("9")], index: 1n, last: true },
    ];
    const answer = await call("PUT", "/users/sync/chunked", { body: chunks.map(frame) });
    expect([answer.status, answer.bytes.length]).toEqual([200, 0]);
    const short = messages.UsersChunk.encode({
      users: [messages.User.create({ email: "8" })],
      last: true,
    });
    const varint = concatBytes(Uint8Array.of(short.length), short);
    await call("PUT", "/users/sync/chunked", { body: [varint] });
    expect(users()).toEqual(["7", "9"]);
  });

  it("are refused without a name, and as an incomplete row of chunks", async () => {
    const { call, start } = await setUp();
    await start();
    const nameless = await call("PUT", "/user/sync", { body: messages.User.encode({}) });
    expect([nameless.status, nameless.text]).toEqual([400, "email is required\n"]);
    const chunk = frame({ users: [panelUser("8")], index: 0n, last: false });
    const open = await call("PUT", "/users/sync/chunked", { body: [chunk] });
    expect([open.status, open.text]).toEqual([400, "missing final chunk indicator\n"]);
    const refused = await call("PUT", "/user/sync", {
      body: messages.User.encode(panelUser("refuse")),
    });
    expect([refused.status, refused.text]).toEqual([
      500,
      expect.stringMatching(/^failed to add user:\n/),
    ]);
  });
});

describe("the log", () => {
  it("comes line by line, headers first, and ends with the core", async () => {
    const { port, headers, start, core, proxy } = await setUp();
    await start();
    const response = await restStream(port, "/logs", headers);
    expect(response.headers["content-type"]).toBe("text/event-stream");
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    core.latest.say("from 192.0.2.1:5 accepted tcp:example.com:443");
    const ended = once(response, "end");
    await proxy.stop();
    await ended;
    expect(text).toBe("Xray 26.1.2 (fake)\nfrom 192.0.2.1:5 accepted tcp:example.com:443\n");
  });

  it("forgets readers that go away", async () => {
    const { port, headers, start, proxy } = await setUp();
    await start();
    const response = await restStream(port, "/logs", headers);
    await settle();
    expect(proxy.log.waitingReaders).toBe(1);
    response.destroy();
    while (proxy.log.waitingReaders > 0) await settle();
  });
});

describe("a client without a key", () => {
  it("does not hold a connection with a body that never ends", async () => {
    const clock = fakeClock();
    const { port } = await panelNode("rest", clock);
    const response = await endlessUpload(port);
    expect(response.statusCode).toBe(401);
    response.resume();
    const closed = once(response.socket, "close");
    await settle();
    await clock.advance(5000);
    await closed;
  });

  it("leaves no deadline behind when it goes away itself, so that the daemon stops at once", async () => {
    const clock = fakeClock();
    const { port } = await panelNode("rest", clock);
    const before = clock.pending;
    const response = await endlessUpload(port);
    response.resume();
    await expect.poll(() => clock.pending).toBe(before + 1);
    response.destroy();
    await expect.poll(() => clock.pending).toBe(before);
  });
});

describe("a client that goes away", () => {
  it("during a start ends what was started", async () => {
    const { port, headers, core, proxy } = await setUp();
    core.isSilent = true;
    const gone = new AbortController();
    const body = messages.Backend.encode(startRequest());
    const call = restCall(port, "POST", "/start", { headers, body, signal: gone.signal });
    while (core.lives.length === 0) await settle();
    gone.abort();
    await expect(call).rejects.toThrow("aborted");
    while (proxy.state !== "absent") await settle();
    expect(core.latest.isRunning).toBe(false);
  });
});
