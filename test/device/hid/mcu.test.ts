import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import type { HidDriver, HidReport, MouseMode } from "../../../src/device/hid/driver.ts";
import { createMcuHid } from "../../../src/device/hid/mcu.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { FakeMcu } from "./mcu-peer.ts";

interface Bench {
  readonly mcu: FakeMcu;
  readonly clock: FakeClock;
  readonly driver: HidDriver;
  stop(): Promise<void>;
}

async function start(mcu = new FakeMcu(), mouseMode: MouseMode = "absolute"): Promise<Bench> {
  const clock = fakeClock();
  const path = "/dev/ttyACM0";
  const log = silentLogger;
  const driver = createMcuHid({ bus: mcu.bus, path, baudRate: "auto", clock, log, mouseMode });
  const controller = new AbortController();
  const running = driver.run(controller.signal);
  await clock.advance(160);
  mcu.requests.length = 0;
  return {
    mcu,
    clock,
    driver,
    async stop() {
      controller.abort();
      await clock.advance(5000);
      await running;
    },
  };
}

const keys = (...usages: readonly number[]): HidReport => ({
  type: "keyboard",
  modifiers: 0,
  keys: usages,
});

describe("McuHid", () => {
  it("goes online at 115200 baud, clears the device and tells its state", async () => {
    const mcu = new FakeMcu();
    mcu.pong = { ...mcu.pong, capsLock: true };
    mcu.down.add(9);
    const { driver } = await start(mcu);
    expect(driver.state.value).toMatchObject({
      online: true,
      hostReady: true,
      leds: { num: false, caps: true, scroll: false },
      description: "MCU HID at 115200 baud on /dev/ttyACM0",
    });
    expect(mcu.openedAt).toEqual([115_200]);
    expect(mcu.isReleased).toBe(true);
  });

  it("is offline for the computer only when neither device is taken", async () => {
    const mcu = new FakeMcu();
    mcu.pong = { ...mcu.pong, keyboardOnline: false };
    const { driver, clock } = await start(mcu);
    expect(driver.state.value.hostReady).toBe(true);
    mcu.pong = { ...mcu.pong, mouseOnline: false };
    await clock.advance(250);
    expect(driver.state.value).toMatchObject({ online: true, hostReady: false });
  });

  it("turns complete states into key events: up before down, modifiers around keys", async () => {
    const { mcu, driver } = await start();
    driver.submit({ type: "keyboard", modifiers: 0x03, keys: [4] });
    driver.submit({ type: "keyboard", modifiers: 0x02, keys: [4, 5] });
    driver.submit(keys());
    await settle();
    expect(mcu.events()).toEqual(["+77", "+78", "+1", "-77", "+2", "-2", "-1", "-78"]);
  });

  it("does not press the rest of a state when everything is released in the middle of it", async () => {
    const { mcu, driver } = await start();
    mcu.isHolding = true;
    driver.submit(keys(4, 5, 6));
    await settle();
    driver.releaseAll();
    mcu.isHolding = false;
    await mcu.answer();
    expect(mcu.events()).toEqual(["+1"]);
    expect(mcu.isReleased).toBe(true);
  });

  it("skips keys that the MCU does not have", async () => {
    const { mcu, driver } = await start();
    driver.submit(keys(0x90, 4));
    await settle();
    expect(mcu.events()).toEqual(["+1"]);
  });

  it("sends buttons with only the changed ones selected, behind the move in front of them", async () => {
    const { mcu, driver } = await start();
    mcu.isHolding = true;
    driver.submit(keys(4));
    driver.submit({ type: "absolute", x: -5, y: 7 });
    driver.submit({ type: "buttons", buttons: 1 });
    driver.submit({ type: "buttons", buttons: 3 });
    mcu.isHolding = false;
    await mcu.answer();
    expect(mcu.requests.slice(1)).toEqual([
      { type: "move", x: -5, y: 7 },
      { type: "buttons", changed: 1, pressed: 1 },
      { type: "buttons", changed: 2, pressed: 3 & 2 },
    ]);
  });

  it("sends wheel turns and, in relative mode, motion", async () => {
    const { mcu, driver } = await start(new FakeMcu(), "relative");
    driver.submit({ type: "relative", dx: -3, dy: 4 });
    await settle();
    driver.submit({ type: "absolute", x: 1, y: 1 });
    await settle();
    driver.submit({ type: "wheel", dx: 1, dy: -1 });
    driver.submit({ type: "consumer", usage: 0xe9 });
    await settle();
    expect(mcu.requests).toEqual([
      { type: "relative", dx: -3, dy: 4 },
      { type: "wheel", dy: -1 },
    ]);
  });

  it("pings while idle and takes the lights from every answer", async () => {
    const { mcu, clock, driver } = await start();
    await clock.advance(1000);
    expect(mcu.requests).toEqual(Array.from({ length: 4 }, () => ({ type: "ping" })));
    mcu.pong = { ...mcu.pong, numLock: true };
    driver.submit(keys(4));
    await settle();
    expect(driver.state.value.leds.num).toBe(true);
  });

  it("asks for a missing answer again instead of pressing twice", async () => {
    const { mcu, clock, driver } = await start();
    mcu.loseAnswers(1);
    driver.submit(keys(4));
    await clock.advance(1100);
    expect(mcu.requests.slice(0, 2)).toEqual([
      { type: "key", key: 1, isDown: true },
      { type: "repeat" },
    ]);
    expect(mcu.events()).toEqual(["+1"]);
    expect(driver.state.value).toMatchObject({ online: true, lastError: null });
  });

  it.each(["crc", "timeout"] as const)(
    "sends a request again that arrived broken (%s)",
    async (type) => {
      const { mcu, driver } = await start();
      mcu.answerNext({ type });
      driver.submit(keys(4));
      await settle();
      expect(mcu.events()).toEqual(["+1", "+1"]);
    },
  );

  it("goes on after a request that the MCU does not know", async () => {
    const { mcu, driver } = await start();
    mcu.answerNext({ type: "invalid" });
    driver.submit(keys(4));
    driver.submit(keys(5));
    await settle();
    expect(mcu.events()).toEqual(["+1", "-1", "+2"]);
    expect(driver.state.value).toMatchObject({ online: true });
    expect(driver.state.value.lastError).toContain("not known");
  });

  it("sends the whole state again to an MCU that restarted", async () => {
    const { mcu, clock, driver } = await start();
    driver.submit({ type: "keyboard", modifiers: 2, keys: [4] });
    await settle();
    mcu.restart();
    mcu.answerNext({ type: "none" });
    driver.submit({ type: "keyboard", modifiers: 2, keys: [4, 5] });
    await clock.advance(300);
    expect([...mcu.down]).toEqual([78, 1, 2]);
    driver.submit(keys());
    await settle();
    expect(mcu.isReleased).toBe(true);
  });

  it("goes offline after five missing answers and clears the device on return", async () => {
    const { mcu, clock, driver } = await start();
    driver.submit(keys(4));
    await settle();
    mcu.loseAnswers(Number.POSITIVE_INFINITY);
    driver.submit(keys(4, 5));
    await clock.advance(4400);
    expect(driver.state.value.online).toBe(true);
    await clock.advance(200);
    expect(driver.state.value).toMatchObject({
      online: false,
      lastError: "The MCU stopped answering",
    });
    expect(driver.submit(keys())).toBe(false);
    mcu.loseAnswers(0);
    await clock.advance(2000);
    expect(driver.state.value.online).toBe(true);
    expect(mcu.isReleased).toBe(true);
  });

  it("works with old firmware that tells no state", async () => {
    const mcu = new FakeMcu();
    mcu.isLegacy = true;
    const { driver } = await start(mcu);
    expect(driver.state.value).toMatchObject({ online: true, hostReady: null });
    driver.submit(keys(4));
    await settle();
    expect(mcu.events()).toEqual(["+1"]);
  });

  it("offers outputs only on boards that can change them", async () => {
    const fixed = await start();
    expect(fixed.driver.capabilities).toMatchObject({ keyboardOutputs: [], mouseOutputs: [] });
    expect(fixed.driver.capabilities.detachable).toBe(false);
    fixed.driver.setKeyboardOutput?.("ps2");
    fixed.driver.setConnected?.(false);
    await settle();
    expect(fixed.mcu.requests).toEqual([]);
    const { driver } = await start(FakeMcu.withOutputs());
    expect(driver.capabilities).toMatchObject({
      keyboardOutputs: ["usb", "ps2", "disabled"],
      mouseOutputs: ["usb", "usb_rel"],
      detachable: true,
    });
  });

  it("chooses outputs and attachment, releasing everything first", async () => {
    const { mcu, clock, driver } = await start(FakeMcu.withOutputs());
    driver.setKeyboardOutput?.("ps2");
    driver.setKeyboardOutput?.("telepathy");
    driver.setMouseMode("relative");
    driver.setConnected?.(false);
    await settle();
    expect(mcu.requests.filter((request) => request.type !== "clear")).toEqual([
      { type: "setKeyboard", output: 3 },
      { type: "setMouse", output: 0x10 },
      { type: "setConnected", connected: false },
    ]);
    expect(mcu.requests[0]).toEqual({ type: "clear" });
    await clock.advance(300);
    expect(driver.state.value).toMatchObject({
      keyboardOutput: "ps2",
      connected: false,
      mouseMode: "relative",
    });
  });

  it("sets the mouse output that the mode needs when it goes online", async () => {
    const mcu = FakeMcu.withOutputs();
    await start(mcu, "relative");
    expect(mcu.pong.outputs?.mouse).toBe(0x10);
  });

  it("says that a reset is needed to use the chosen outputs", async () => {
    const mcu = new FakeMcu();
    mcu.pong = { ...mcu.pong, resetRequired: true };
    const { driver } = await start(mcu);
    expect(driver.state.value.lastError).toContain("reset");
  });

  it("resets by clearing, and sends what is held afterwards", async () => {
    const { mcu, clock, driver } = await start();
    driver.submit(keys(4));
    await settle();
    const resetting = driver.reset();
    expect(driver.state.value.busy).toBe(true);
    await settle();
    expect(mcu.isReleased).toBe(true);
    driver.submit(keys(5));
    await clock.advance(200);
    await resetting;
    expect(driver.state.value.busy).toBe(false);
    expect([...mcu.down]).toEqual([2]);
  });

  it("has released everything when it stopped, after any input and lost answers", async () => {
    const step = fc.oneof(
      fc.array(fc.integer({ min: 4, max: 30 }), { maxLength: 6 }).map((list) => keys(...list)),
      fc.integer({ min: 0, max: 31 }).map((buttons): HidReport => ({ type: "buttons", buttons })),
      fc.integer({ min: 0, max: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const bench = await start();
        for (const entry of steps) {
          if (typeof entry === "number") {
            bench.mcu.loseAnswers(entry);
            await bench.clock.advance(entry * 200);
          } else bench.driver.submit(entry);
        }
        bench.mcu.loseAnswers(0);
        await bench.stop();
        expect(bench.mcu.isReleased).toBe(true);
        expect(bench.driver.state.value.online).toBe(false);
        expect(bench.clock.pending).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
