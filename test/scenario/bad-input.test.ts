import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";

const MIB = 1024 * 1024;

async function start(): Promise<TestApp> {
  const test = await createTestApp();
  await until(test.device.hid.state, ({ online, busy }) => online && !busy);
  return test;
}

/** Text that went over one bare connection until the server ended it. */
function rawExchange(url: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => {
      socket.end(request);
    });
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.once("error", reject);
    socket.once("close", () => {
      resolve(text);
    });
  });
}

describe("bad HTTP input", () => {
  it.each([
    ["an unknown key", "POST", "/api/hid/events/send_key?key=KeyÄ", 400],
    ["a number out of range", "POST", "/api/hid/print?delay=99", 400],
    ["a number that is none", "POST", "/api/hid/events/send_mouse_move?to_x=1e3&to_y=0", 400],
    ["a missing parameter", "POST", "/api/hid/events/send_key", 400],
    ["an unknown channel", "POST", "/api/gpio/pulse?channel=nothing", 400],
    ["an unknown path", "GET", "/api/nothing", 404],
    ["a wrong method", "POST", "/api/info", 405],
    ["a broken escape", "GET", "/api/log?seek=%zz", 400],
  ])("with %s gets a clear answer, and the next request works", async (_, method, path, status) => {
    const test = await start();
    const reply = await test.call(method, encodeURI(path).replace("%25zz", "%zz"));
    expect(reply.status).toBe(status);
    expect(reply.body).not.toBe("");
    expect((await test.call("GET", "/api/auth/check")).status).toBe(200);
  });

  it("in JSON that is malformed is refused without stopping anything", async () => {
    const test = await start();
    const { status } = await test.call("POST", "/api/auth/login", {
      headers: { "Content-Type": "application/json" },
      body: '{"user": "admin", ',
    });
    expect(status).toBe(400);
    expect((await test.call("GET", "/api/auth/check")).status).toBe(200);
  });

  it("in a body that is too large is refused with 413", async () => {
    const test = await start();
    const { status } = await test.call("POST", "/api/hid/print", { body: "x".repeat(2 * MIB) });
    expect(status).toBe(413);
    expect((await test.call("GET", "/api/auth/check")).status).toBe(200);
  });

  it("that is no HTTP at all ends the connection only", async () => {
    const test = await start();
    expect(await rawExchange(test.url, "\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(
      /^(HTTP\/1.1 400|$)/,
    );
    expect((await test.call("GET", "/api/auth/check")).status).toBe(200);
  });
});

describe("bad WebSocket input", () => {
  const TEXT_FRAMES = [
    "not json",
    "[]",
    "null",
    '{"event_type": "key"}',
    '{"event_type": 5, "event": {}}',
    '{"event_type": "key", "event": {"key": "KeyNothing", "state": true}}',
    '{"event_type": "key", "event": {"key": "KeyA", "state": "perhaps"}}',
    '{"event_type": "mouse_move", "event": {"to": {"x": "far", "y": 0}}}',
    '{"event_type": "mouse_wheel", "event": {"delta": 5}}',
    '{"event_type": "no_such_event", "event": {}}',
    `{"event_type": "key", "event": {"key": "${"K".repeat(10_000)}", "state": true}}`,
  ];
  const BINARY_FRAMES: readonly (readonly number[])[] = [
    [1],
    [1, 1],
    [1, 1, 0xff, 0xfe],
    [1, 0x81, 0x00],
    [1, 0x81, 0xff, 0xff],
    [2, 1],
    [3, 0, 0, 0],
    [3, 0, 0, 0, 0, 0],
    [4, 0, 1],
    [5],
    [250, 1, 2, 3],
  ];

  it("is dropped, nothing is left pressed, and the next good key works", async () => {
    const test = await start();
    const client = await test.ws();
    for (const frame of TEXT_FRAMES) client.sendRaw(frame);
    for (const frame of BINARY_FRAMES) client.sendRaw(Uint8Array.from(frame));
    client.send("key", { key: "KeyA", state: true });
    client.send("key", { key: "KeyA", state: false });
    const { lines, keys, modifiers, buttons } = await until(
      test.platform.target.state,
      (state) => state.lines.join("") === "a" && state.keys.length === 0,
    );
    expect({ lines, keys, modifiers, buttons }).toEqual({
      lines: ["a"],
      keys: [],
      modifiers: 0,
      buttons: 0,
    });
  });

  it("in a frame over the limit closes that socket, not the others", async () => {
    const test = await start();
    const [bad, good] = [await test.ws(), await test.ws()];
    bad.sendRaw("x".repeat(5 * MIB));
    expect(await bad.closed).toBe(1009);
    good.send("ping", {});
    expect(await good.waitFor("pong")).toEqual({ eventType: "pong", event: {} });
  });

  it("still gets its pings answered, in JSON and in binary", async () => {
    const test = await start();
    const client = await test.ws();
    client.sendRaw("garbage");
    client.send("ping", {});
    await client.waitFor("pong");
    const pong = client.nextBinary();
    client.sendRaw(Uint8Array.of(0));
    expect([...(await pong)]).toEqual([0xff]);
  });
});

describe("a client that does not read", () => {
  it("is not waited for: others are told, and memory stays bounded", async () => {
    const test = await start();
    const [lazy, keen] = [await test.ws(), await test.ws()];
    await lazy.waitFor("loop");
    lazy.socket.pause();
    for (let round = 0; round < 50; round += 1) {
      const state = round % 2 === 0 ? "1" : "0";
      await test.call("POST", `/api/hid/set_params?jiggler=${state}`);
    }
    keen.send("ping", {});
    expect(await keen.waitFor("pong")).toEqual({ eventType: "pong", event: {} });
    lazy.vanish();
  });
});
