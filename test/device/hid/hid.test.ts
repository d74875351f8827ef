import { describe, expect, it } from "vitest";
import type { HidConfig } from "../../../src/config/schema.ts";
import { ValidationError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createScope } from "../../../src/core/scope.ts";
import type { HidCapabilities } from "../../../src/device/hid/driver.ts";
import { createHid } from "../../../src/device/hid/hid.ts";
import { createNullDriver } from "../../../src/device/hid/null-driver.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { ONLINE_STATE, fakeHidDriver } from "../../support/fake-hid-driver.ts";
import { HID_CONFIG } from "../../support/hid-config.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

interface Setup {
  readonly config?: Partial<HidConfig>;
  readonly capabilities?: Partial<HidCapabilities>;
}

async function testHid({ config = {}, capabilities = {} }: Setup = {}) {
  const clock = fakeClock();
  const driver = fakeHidDriver(capabilities);
  const log = recordingLogger();
  const hid = createHid({
    config: { ...HID_CONFIG, ...config },
    driver,
    clock,
    log,
    random: () => 0.5,
  });
  const scope = createScope("test", silentLogger);
  await hid.start(scope);
  await settle();
  return { clock, driver, hid, scope, log };
}

describe("createHid", () => {
  it("shows what the driver knows", async () => {
    const { hid, driver } = await testHid();
    expect(hid.state.value).toEqual({
      enabled: true,
      online: true,
      busy: false,
      connected: null,
      keyboard: {
        online: true,
        leds: { num: false, caps: false, scroll: false },
        outputs: { available: [], active: "" },
      },
      mouse: {
        online: true,
        absolute: true,
        outputs: { available: ["usb", "usb_rel"], active: "usb" },
      },
      jiggler: { enabled: true, active: false, intervalSeconds: 60 },
      description: "fake chip",
      lastError: null,
    });
    driver.state.set({ ...ONLINE_STATE, hostReady: false, busy: true });
    expect(hid.state.value).toMatchObject({
      online: true,
      busy: true,
      keyboard: { online: false },
      mouse: { online: false },
    });
  });

  it("is disabled and offline with a reason when there is no keyboard", async () => {
    const driver = createNullDriver({ reason: "switched off" });
    const hid = createHid({
      config: { ...HID_CONFIG, backend: "none" },
      driver,
      clock: fakeClock(),
      log: silentLogger,
    });
    const scope = createScope("test", silentLogger);
    await hid.start(scope);
    hid.key("KeyA", true);
    hid.move(1, 1);
    hid.releaseAll();
    await hid.reset();
    expect(hid.state.value).toMatchObject({
      enabled: false,
      online: false,
      lastError: "switched off",
    });
    await expect(hid.print("a")).rejects.toMatchObject({ code: "HID_OFFLINE" });
    await scope.close();
  });

  it("taps keys, but leaves modifiers and PrintScreen down", async () => {
    const { hid, driver } = await testHid();
    hid.tapKey("KeyA");
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
    hid.tapKey("AltLeft");
    hid.tapKey("PrintScreen");
    expect(driver.sent.slice(2)).toEqual(["key 04+", "key 04+46"]);
  });

  it("throws for unknown names before anything is pressed", async () => {
    const { hid, driver } = await testHid();
    expect(() => hid.key("keya", true)).toThrow(ValidationError);
    expect(() => hid.button("constructor", true)).toThrow(ValidationError);
    await expect(hid.shortcut(["ControlLeft", "nope"])).rejects.toThrow(ValidationError);
    await expect(hid.print("a", { keymap: "nope" })).rejects.toThrow(ValidationError);
    expect(driver.sent).toEqual([]);
  });

  it("ignores configured keys, except where the caller passes that", async () => {
    const { hid, driver } = await testHid({ config: { ignoreKeys: ["OSLeft", "KeyA"] } });
    hid.key("KeyA", true);
    hid.tapKey("MetaLeft");
    expect(driver.sent).toEqual([]);
    hid.key("KeyA", true, { bypassIgnore: true });
    hid.key("KeyA", false);
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
  });

  it("plays a shortcut in order and backwards, 50 ms before every event", async () => {
    const { hid, driver, clock } = await testHid();
    const done = hid.shortcut(["ControlLeft", "KeyL"]);
    await clock.advance(49);
    expect(driver.sent).toEqual([]);
    await clock.advance(1);
    expect(driver.sent).toEqual(["key 01+"]);
    await clock.advance(150);
    await done;
    expect(driver.sent).toEqual(["key 01+", "key 01+0f", "key 01+", "key 00+"]);
    await hid.shortcut([]);
    expect(driver.sent).toHaveLength(4);
  });

  it("plays one shortcut after the other", async () => {
    const { hid, driver, clock } = await testHid();
    const both = [hid.shortcut(["ControlLeft", "KeyA"]), hid.shortcut(["AltLeft", "KeyB"])];
    await clock.advance(400);
    await Promise.all(both);
    expect(driver.sent).toEqual([
      "key 01+",
      "key 01+04",
      "key 01+",
      "key 00+",
      "key 04+",
      "key 04+05",
      "key 04+",
      "key 00+",
    ]);
  });

  it("releases an aborted shortcut at once", async () => {
    const { hid, driver, clock } = await testHid();
    const abort = new AbortController();
    const done = hid.shortcut(["ControlLeft", "KeyA"], { signal: abort.signal });
    const outcome = done.catch((error: unknown) => error);
    await clock.advance(110);
    abort.abort();
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(driver.sent).toEqual(["key 01+", "key 01+04", "key 01+", "key 00+"]);
  });

  it("prints one text after the other, with the configured keymap by default", async () => {
    const { hid, driver } = await testHid({ config: { keymap: "de" } });
    await Promise.all([hid.print("z"), hid.print("b", { keymap: "us" })]);
    expect(driver.sent).toEqual(["key 00+1c", "key 00+", "key 00+05", "key 00+"]);
  });

  it("types slowly with 20 ms before each event", async () => {
    const { hid, driver, clock } = await testHid();
    await hid.print("");
    const printing = hid.print("a", { slow: true });
    await clock.advance(20);
    expect(driver.sent).toEqual(["key 00+04"]);
    await clock.advance(20);
    await printing;
    expect(driver.sent).toHaveLength(2);
  });

  it("types 1024 characters unless told otherwise", async () => {
    const { hid } = await testHid();
    const text = "a".repeat(1500);
    await expect(hid.print(text)).resolves.toEqual({ typed: 1024, skipped: 0 });
    await expect(hid.print(text, { limit: 0 })).resolves.toEqual({ typed: 1500, skipped: 0 });
    await expect(hid.print(text, { limit: 3 })).resolves.toEqual({ typed: 3, skipped: 0 });
  });

  it("warns about an unknown configured keymap and takes en-us", async () => {
    const { hid, log } = await testHid({ config: { keymap: "klingon" } });
    expect(hid.keymaps().default).toBe("en-us");
    expect(log.records.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("types on after everything was released in the middle of a text", async () => {
    const { hid, driver, clock } = await testHid();
    await hid.print("");
    const printing = hid.print("AB", { delaySeconds: 0.01 });
    await clock.advance(20);
    expect(driver.sent).toEqual(["key 02+", "key 02+04"]);
    hid.releaseAll();
    await clock.advance(200);
    await expect(printing).resolves.toEqual({ typed: 2, skipped: 0 });
    const keys = driver.sent.filter((report) => report.startsWith("key"));
    expect(keys.slice(2)).toEqual(["key 00+", "key 02+", "key 02+05", "key 02+", "key 00+"]);
  });

  it("counts whole seconds without input", async () => {
    const { hid, clock } = await testHid();
    await clock.advance(2900);
    expect(hid.inactivitySeconds()).toBe(2);
    hid.releaseAll();
    expect(hid.inactivitySeconds()).toBe(2);
    hid.wheel([0, 1], false);
    expect(hid.inactivitySeconds()).toBe(0);
  });

  it("switches the mouse output, releasing buttons first, and ignores unknown outputs", async () => {
    const { hid, driver } = await testHid();
    hid.button("left", true);
    hid.setParams({ mouseOutput: "ps2", keyboardOutput: "usb" });
    expect(hid.state.value.mouse).toMatchObject({ absolute: true, outputs: { active: "usb" } });
    hid.setParams({ mouseOutput: "usb_rel" });
    expect(hid.state.value.mouse).toMatchObject({
      absolute: false,
      outputs: { active: "usb_rel" },
    });
    hid.move(5, 5);
    hid.relative([5, 6], false);
    expect(driver.sent).toEqual(["buttons 1", "buttons 0", "relative 5 6"]);
  });

  it("detaches only hardware that can", async () => {
    const fixed = await testHid();
    fixed.hid.setConnected(false);
    expect(fixed.hid.state.value.connected).toBeNull();
    const { hid, driver } = await testHid({ capabilities: { detachable: true } });
    driver.setConnected = (connected) => {
      driver.state.set({ ...ONLINE_STATE, connected });
    };
    hid.setConnected(false);
    expect(hid.state.value.connected).toBe(false);
  });

  it("chooses a keyboard output that the hardware offers", async () => {
    const { hid, driver } = await testHid({ capabilities: { keyboardOutputs: ["usb", "ps2"] } });
    driver.setKeyboardOutput = (keyboardOutput) => {
      driver.state.set({ ...ONLINE_STATE, keyboardOutput });
    };
    expect(hid.state.value.keyboard.outputs).toEqual({ available: ["usb", "ps2"], active: "usb" });
    hid.setParams({ keyboardOutput: "disabled" });
    expect(hid.state.value.keyboard.outputs.active).toBe("usb");
    hid.setParams({ keyboardOutput: "ps2" });
    expect(hid.state.value.keyboard.outputs.active).toBe("ps2");
  });

  it("jiggles when it is switched on and allowed", async () => {
    const { hid, driver, clock } = await testHid();
    hid.setParams({ jiggler: true });
    expect(hid.state.value.jiggler.active).toBe(true);
    await clock.advance(62_000);
    expect(driver.sent).toHaveLength(11);
    expect(driver.sent.at(-1)).toBe("absolute 0 0");
    const forbidden = await testHid({
      config: { jiggler: { enabled: false, active: true, intervalSeconds: 1 } },
    });
    forbidden.hid.setParams({ jiggler: true });
    expect(forbidden.hid.state.value.jiggler.active).toBe(false);
  });

  it("forgets what was held when the chip goes away", async () => {
    const { hid, driver } = await testHid();
    hid.key("KeyA", true);
    hid.button("left", true);
    driver.state.set({ ...ONLINE_STATE, online: false });
    hid.key("KeyB", true);
    driver.state.set(ONLINE_STATE);
    hid.key("KeyC", true);
    expect(driver.sent).toEqual(["key 00+04", "buttons 1", "key 00+06"]);
  });

  it("makes up for a release that the full queue refused", async () => {
    const { hid, driver, clock, log } = await testHid();
    hid.key("KeyA", true);
    hid.key("ShiftLeft", true);
    driver.room = 0;
    hid.key("KeyA", false);
    hid.move(3, 3);
    driver.room = 10;
    await clock.advance(100);
    expect(driver.sent.slice(2)).toEqual(["key 02+", "consumer 00", "system 0", "buttons 0"]);
    expect(log.records.map(({ level }) => level)).toEqual(["warn"]);
  });

  it("releases everything and waits for the wire before it stops the driver", async () => {
    const { hid, driver, scope } = await testHid();
    hid.key("KeyA", true);
    let finish = (): void => undefined;
    driver.hold = new Promise((resolve) => {
      finish = resolve;
    });
    const closing = scope.close();
    await settle();
    expect(driver.sent.at(-1)).toBe("release all");
    expect(driver.isRunning).toBe(true);
    finish();
    await closing;
    expect(driver.isRunning).toBe(false);
  });

  it("waits at most a second for a dead wire", async () => {
    const { driver, scope, clock } = await testHid();
    driver.hold = new Promise(() => undefined);
    const closing = scope.close();
    await clock.advance(1000);
    await closing;
    expect(driver.isRunning).toBe(false);
  });

  it("resets the chip with nothing held", async () => {
    const { hid, driver } = await testHid();
    hid.key("KeyA", true);
    await hid.reset();
    expect(driver.resets).toBe(1);
    hid.key("KeyA", false);
    expect(driver.sent).toEqual(["key 00+04", "release all"]);
  });
});
