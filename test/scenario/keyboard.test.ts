import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp, TestAppOptions } from "../support/create-test-app.ts";

const USAGE_A = 0x04;
const SHIFT_LEFT = 0x02;

/** The app with a chip that answers and a computer that listens. */
async function startTyping(options: TestAppOptions = {}): Promise<TestApp> {
  const test = await createTestApp(options);
  await until(test.device.hid.state, ({ online, busy }) => online && !busy);
  return test;
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

function keyFrame(key: string, isPressed: boolean): Uint8Array {
  return Buffer.concat([Buffer.from([1, isPressed ? 1 : 0]), Buffer.from(key)]);
}

describe("typing over /api/ws", () => {
  it("travels through the driver and a real serial port to the computer's screen, in JSON", async () => {
    const test = await startTyping();
    const client = await test.ws();
    for (const key of ["KeyH", "KeyI"]) {
      client.send("key", { key, state: true });
      client.send("key", { key, state: false });
    }
    expect(await screenWith(test, "hi")).toBe("hi");
  });

  it("does the same in binary frames, with modifiers", async () => {
    const test = await startTyping();
    const client = await test.ws();
    client.sendRaw(keyFrame("ShiftLeft", true));
    client.sendRaw(keyFrame("KeyH", true));
    client.sendRaw(keyFrame("KeyH", false));
    client.sendRaw(keyFrame("ShiftLeft", false));
    client.sendRaw(keyFrame("KeyI", true));
    client.sendRaw(keyFrame("KeyI", false));
    expect(await screenWith(test, "Hi")).toBe("Hi");
  });

  it("moves the pointer to the newest of many positions, clicks where it is and turns the wheel", async () => {
    const test = await startTyping();
    const client = await test.ws();
    for (let x = 0; x <= 200; x += 1) client.send("mouse_move", { to: { x: x * 100, y: 0 } });
    client.send("mouse_button", { button: "left", state: true });
    const { pointer } = await until(test.platform.target.state, ({ buttons }) => buttons === 1);
    expect(Math.abs(pointer.x - (20_000 + 32_768) * (1920 / 65_536))).toBeLessThan(2);
    client.send("mouse_button", { button: "left", state: false });
    client.send("mouse_wheel", { delta: { x: 0, y: 1 } });
    const { wheel } = await until(
      test.platform.target.state,
      (state) => state.buttons === 0 && state.wheel !== 0,
    );
    expect(wheel).toBe(1);
  });

  it("shows the computer's caps lock light to every client", async () => {
    const test = await startTyping();
    const [first, second] = [await test.ws(), await test.ws()];
    first.send("key", { key: "CapsLock", state: true });
    first.send("key", { key: "CapsLock", state: false });
    const isCapsOn = (event: Readonly<Record<string, unknown>>): boolean =>
      JSON.stringify(event).includes('"caps":true');
    const told = await Promise.all(
      [first, second].map((client) => client.waitFor("hid", isCapsOn)),
    );
    expect(told).toHaveLength(2);
    expect(test.platform.target.state.value.leds.caps).toBe(true);
  });
});

describe("typing over HTTP", () => {
  it("prints a text with its capitals, digits and line breaks", async () => {
    const test = await startTyping();
    const { status } = await test.call("POST", "/api/hid/print?keymap=en-us", {
      body: "Hello, World 42!\nnext line",
    });
    expect(status).toBe(200);
    const text = "Hello, World 42!\nnext line";
    expect(await screenWith(test, text)).toBe(text);
  });

  it("presses a combination in order and releases it", async () => {
    const test = await startTyping();
    let mostKeys = 0;
    test.platform.target.state.subscribe(({ modifiers, keys }) => {
      if (modifiers === SHIFT_LEFT) mostKeys = Math.max(mostKeys, keys.length);
    });
    await test.call("POST", "/api/hid/events/send_shortcut?keys=ShiftLeft,KeyA");
    await screenWith(test, "A");
    expect(mostKeys).toBe(1);
  });
});

describe("no key stays pressed", () => {
  it("when the client that pressed it vanishes", async () => {
    const test = await startTyping();
    const client = await test.ws();
    client.send("key", { key: "KeyA", state: true });
    await until(test.platform.target.state, ({ keys }) => keys.includes(USAGE_A));
    client.vanish();
    const { keys } = await until(test.platform.target.state, (state) => state.keys.length === 0);
    expect(keys).toEqual([]);
  });

  it("when the client closes properly with a button and a modifier held", async () => {
    const test = await startTyping();
    const client = await test.ws();
    client.send("key", { key: "ShiftLeft", state: true });
    client.send("mouse_button", { button: "right", state: true });
    await until(test.platform.target.state, (s) => s.modifiers === SHIFT_LEFT && s.buttons === 2);
    await client.close();
    const { modifiers, buttons } = await until(
      test.platform.target.state,
      (state) => state.modifiers === 0 && state.buttons === 0,
    );
    expect({ modifiers, buttons }).toEqual({ modifiers: 0, buttons: 0 });
  });

  it("when the daemon closes", async () => {
    const test = await startTyping();
    const client = await test.ws();
    client.send("key", { key: "KeyA", state: true });
    await until(test.platform.target.state, ({ keys }) => keys.includes(USAGE_A));
    await test.app.close();
    expect(test.platform.target.state.value.keys).toEqual([]);
  });
});
