import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import type { Ch9329Request } from "../../src/protocol/ch9329/commands.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import type { WsClient } from "../support/ws-client.ts";

async function start(): Promise<{ test: TestApp; client: WsClient }> {
  const test = await createTestApp();
  await until(test.device.hid.state, ({ online, busy }) => online && !busy);
  return { test, client: await test.ws() };
}

function tap(client: WsClient, key: string): void {
  client.send("key", { key, state: true });
  client.send("key", { key, state: false });
}

/** The screen as soon as the text is on it and every key is up again. */
async function screenWith(test: TestApp, text: string): Promise<string> {
  const { lines } = await until(
    test.platform.target.state,
    (state) =>
      state.lines.join("\n").includes(text) && state.keys.length === 0 && state.modifiers === 0,
  );
  return lines.join("\n");
}

/** Resolves when the chip receives the next request of that type. */
function nextRequest(test: TestApp, type: Ch9329Request["type"]): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = test.platform.chip.onRequest((request) => {
      if (request.type !== type) return;
      unsubscribe();
      resolve();
    });
  });
}

function isOnline(test: TestApp, online: boolean): Promise<unknown> {
  return until(test.device.hid.state, (state) => state.online === online);
}

describe("a chip that", () => {
  it("is unplugged in the middle of a report comes back, and the next key works", async () => {
    const { test, client } = await start();
    tap(client, "KeyA");
    await screenWith(test, "a");
    client.send("key", { key: "ShiftLeft", state: true });
    test.platform.chip.unplug();
    await isOnline(test, false);
    const { body } = await test.call("GET", "/api/hid");
    expect(JSON.parse(body)).toMatchObject({ result: { online: false } });
    test.platform.chip.replug();
    await isOnline(test, true);
    tap(client, "KeyB");
    expect(await screenWith(test, "b")).toBe("ab");
  });

  it("goes silent is reported offline, and online again when it answers", async () => {
    const { test, client } = await start();
    test.platform.chip.faults.silent = true;
    await isOnline(test, false);
    await client.waitFor("hid", (event) => event["online"] === false);
    test.platform.chip.faults.silent = false;
    await isOnline(test, true);
    tap(client, "KeyC");
    expect(await screenWith(test, "c")).toBe("c");
  });

  it("loses every third answer still types every key once", async () => {
    const { test } = await start();
    test.platform.chip.faults.dropEveryNth = 3;
    await test.call("POST", "/api/hid/print", { body: "abcdefgh" });
    expect(await screenWith(test, "abcdefgh")).toBe("abcdefgh");
  });

  it("answers in pieces is understood", async () => {
    const { test } = await start();
    test.platform.chip.faults.splitAt = 3;
    await test.call("POST", "/api/hid/print", { body: "pieces" });
    expect(await screenWith(test, "pieces")).toBe("pieces");
  });

  it("was set to another speed is found", async () => {
    const test = await createTestApp({ seed: { chipBaudRate: 115_200 } });
    await isOnline(test, true);
    await test.call("POST", "/api/hid/events/send_key?key=KeyX");
    expect(await screenWith(test, "x")).toBe("x");
  });
});

describe("a computer that", () => {
  it("has not enumerated the chip yet gets no stale key when it does", async () => {
    const { test, client } = await start();
    test.platform.chip.faults.notEnumerated = true;
    await until(test.device.hid.state, ({ keyboard }) => !keyboard.online);
    client.send("key", { key: "KeyA", state: true });
    await nextRequest(test, "keyboard");
    // Requests go one at a time: the refusal of the key is known now.
    await nextRequest(test, "getInfo");
    client.send("key", { key: "KeyA", state: false });
    tap(client, "KeyB");
    client.send("ping", {});
    await client.waitFor("pong");
    test.platform.chip.faults.notEnumerated = false;
    await until(test.device.hid.state, ({ keyboard }) => keyboard.online);
    tap(client, "KeyD");
    expect(await screenWith(test, "d")).toBe("d");
  });
});
