import { describe, expect, it } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { FakeCh9329, onlineBench, startBench } from "./ch9329-peer.ts";

const A = { type: "keyboard", modifiers: 0, keys: [4] } as const;
const NONE = { type: "keyboard", modifiers: 0, keys: [] } as const;

describe("Ch9329Hid going online", () => {
  it("is offline and silent before it runs, and lets the port settle for 50 ms", async () => {
    const { chip, clock, driver, state } = startBench();
    expect(state()).toMatchObject({ online: false, hostReady: null, busy: false });
    expect(driver.submit(A)).toBe(false);
    await clock.advance(49);
    expect(chip.requests).toEqual([]);
    await clock.advance(1);
    expect(chip.requests[0]).toEqual({ type: "getInfo" });
  });

  it("describes chip, speed and port, and tells lights and readiness", async () => {
    const chip = new FakeCh9329();
    chip.leds = { numLock: true, capsLock: false, scrollLock: true };
    const { clock, state } = startBench({}, chip);
    await clock.advance(60);
    expect(state()).toEqual({
      online: true,
      hostReady: true,
      busy: false,
      leds: { num: true, caps: false, scroll: true },
      mouseMode: "absolute",
      lastError: null,
      description: "CH9329 V1.8 at 9600 baud on /dev/ttyUSB0",
    });
  });

  it("releases whatever an earlier program left pressed", async () => {
    const chip = new FakeCh9329();
    Object.assign(chip.host, { modifiers: 2, keys: [4], media: 1, relativeButtons: 1 });
    const { clock } = startBench({}, chip);
    await clock.advance(60);
    expect(chip.isReleased).toBe(true);
  });

  it("repeats a first frame that the chip found damaged without a word", async () => {
    const chip = new FakeCh9329();
    chip.react = () => (chip.requests.length === 1 ? 0xe4 : "usual");
    const { clock, state } = startBench({}, chip);
    await clock.advance(60);
    expect(state()).toMatchObject({ online: true, lastError: null });
  });

  it.each([
    ["9600 first without configuration", "auto", 9600, [9600]],
    ["115200 next", "auto", 115_200, [9600, 115_200]],
    ["the configured speed first", 57_600, 57_600, [57_600]],
    ["the usual speeds when the configured one is wrong", 57_600, 9600, [57_600, 9600]],
    ["no speed twice", 115_200, 9600, [115_200, 9600]],
  ] as const)("tries %s", async (_name, configured, actual, tried) => {
    const chip = new FakeCh9329();
    chip.baudRate = actual;
    const { clock, state } = startBench({ baudRate: configured }, chip);
    await clock.advance(1500);
    expect(chip.openedAt).toEqual(tried);
    expect(state().description).toContain(`at ${actual} baud`);
  });

  it("says on which port and speeds nothing answered, and tries again after growing pauses", async () => {
    const chip = new FakeCh9329();
    chip.react = () => "silent";
    const { clock, state } = startBench({ baudRate: 9600 }, chip);
    await clock.advance(800);
    expect(state().lastError).toBe("No CH9329 answered on /dev/ttyUSB0 at 9600, 115200 baud");
    const rounds = (): number => chip.openedAt.filter((rate) => rate === 9600).length;
    expect(rounds()).toBe(1);
    await clock.advance(500);
    expect(rounds()).toBe(2);
    await clock.advance(4500);
    expect(rounds()).toBe(4);
  });

  it("reports why the port cannot be opened and keeps trying", async () => {
    const chip = new FakeCh9329();
    chip.isPresent = false;
    const { clock, state } = startBench({}, chip);
    await clock.advance(100);
    expect(chip.openedAt).toEqual([9600]);
    expect(state()).toMatchObject({ online: false, lastError: "/dev/ttyUSB0 is not there" });
    chip.isPresent = true;
    await clock.advance(700);
    expect(state()).toMatchObject({ online: true, lastError: null });
  });
});

describe("Ch9329Hid sending", () => {
  it("hands a report on an idle line to the link before submit returns", async () => {
    const { chip, driver } = await onlineBench();
    expect(driver.submit(A)).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(chip.requests).toEqual([A]);
  });

  it("keeps one request in flight", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    driver.submit(A);
    driver.submit(NONE);
    await settle();
    expect(chip.requests).toEqual([A]);
    await chip.answer();
    expect(chip.requests).toEqual([A, NONE]);
  });

  it("maps the corners and the center of the screen into 0..4095", async () => {
    const { chip, driver } = await onlineBench();
    const seen: unknown[] = [];
    for (const [x, y] of [
      [-32_768, 32_767],
      [0, 0],
      [40_000, -40_000],
    ] as const) {
      driver.submit({ type: "absolute", x, y });
      await settle();
      seen.push([chip.host.x, chip.host.y]);
    }
    expect(seen).toEqual([
      [0, 4095],
      [2048, 2048],
      [4095, 0],
    ]);
  });

  it("sends negative relative motion and wheel steps as they are", async () => {
    const { chip, driver } = await onlineBench({ mouseMode: "relative" });
    driver.submit({ type: "relative", dx: -1, dy: 127 });
    await settle();
    driver.submit({ type: "wheel", dx: 0, dy: -5 });
    await settle();
    expect(chip.reports).toEqual([
      { type: "relative", buttons: 0, dx: -1, dy: 127, wheel: 0 },
      { type: "relative", buttons: 0, dx: 0, dy: 0, wheel: -5 },
    ]);
  });

  it("carries buttons and wheel at the last position without moving the pointer", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "absolute", x: 0, y: 0 });
    await settle();
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    driver.submit({ type: "wheel", dx: 0, dy: 3 });
    await settle();
    expect(chip.reports.slice(1)).toEqual([
      { type: "absolute", buttons: 1, x: 2048, y: 2048, wheel: 0 },
      { type: "absolute", buttons: 1, x: 2048, y: 2048, wheel: 3 },
    ]);
  });

  it("clicks with the relative mouse while no position is known, and moves the press over once there is one", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    expect(chip.host).toMatchObject({ relativeButtons: 1, absoluteButtons: 0, x: -1 });
    driver.submit({ type: "absolute", x: 0, y: 0 });
    await settle();
    expect(chip.host).toMatchObject({ relativeButtons: 0, absoluteButtons: 1 });
  });

  it("ignores moves of the other mouse mode and wheel turns that the chip does not have", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "relative", dx: 5, dy: 5 });
    driver.submit({ type: "wheel", dx: 5, dy: 0 });
    await settle();
    expect(chip.reports).toEqual([]);
  });

  it("sends media and system keys by the media command", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "consumer", usage: 0xe9 });
    driver.submit({ type: "consumer", usage: 0 });
    driver.submit({ type: "system", control: 3 });
    driver.submit({ type: "system", control: 0 });
    await settle();
    expect(chip.reports).toEqual([
      { type: "media", bits: 1 },
      { type: "media", bits: 0 },
      { type: "system", bits: 4 },
      { type: "system", bits: 0 },
    ]);
  });

  it("tries the extra buttons, and leaves them out once the chip refused them", async () => {
    const { chip, driver, state } = await onlineBench();
    chip.react = (request) => (request.type === "relative" && request.buttons > 7 ? 0xe5 : "usual");
    driver.submit({ type: "buttons", buttons: 8 });
    await settle();
    expect(state().lastError).toContain("E5");
    driver.submit({ type: "buttons", buttons: 9 });
    await settle();
    expect(chip.host.relativeButtons).toBe(1);
    expect(state().online).toBe(true);
  });

  it("lets a key wait for nothing but the report in flight under a flood of moves", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    for (let turn = 0; turn < 1000; turn += 1) driver.submit({ type: "absolute", x: turn, y: 0 });
    driver.submit(A);
    for (let turn = 0; turn < 1000; turn += 1) driver.submit({ type: "absolute", x: turn, y: 16 });
    await chip.answer();
    expect(chip.requests.map((request) => request.type)).toEqual(["absolute", "keyboard"]);
    await chip.answer();
    expect(chip.requests.at(-1)).toMatchObject({ type: "absolute", x: (999 + 32_768) >> 4 });
  });

  it("presses a button at the newest position in one report", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    driver.submit({ type: "absolute", x: -32_768, y: -32_768 });
    driver.submit({ type: "absolute", x: 0, y: 0 });
    driver.submit({ type: "buttons", buttons: 1 });
    driver.submit({ type: "absolute", x: 32_767, y: 32_767 });
    for (let turn = 0; turn < 3; turn += 1) await chip.answer();
    expect(chip.requests).toEqual([
      { type: "absolute", buttons: 0, x: 0, y: 0, wheel: 0 },
      { type: "absolute", buttons: 1, x: 2048, y: 2048, wheel: 0 },
      { type: "absolute", buttons: 1, x: 4095, y: 4095, wheel: 0 },
    ]);
  });

  it("refuses a state when the queue is full, and releases the key all the same", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    let accepted = 0;
    while (driver.submit(A)) accepted += 1;
    expect(accepted).toBe(1025);
    expect(driver.submit(NONE)).toBe(false);
    chip.isHolding = false;
    await chip.answer();
    for (let turn = 0; turn < 200 && chip.host.keys.length > 0; turn += 1) await settle();
    expect(chip.isReleased).toBe(true);
  });

  it("says drained when what was accepted is acknowledged, whatever moves keep coming", async () => {
    const { chip, driver } = await onlineBench();
    chip.isHolding = true;
    driver.submit(A);
    driver.submit(NONE);
    let isDrained = false;
    void driver.drained().then(() => {
      isDrained = true;
    });
    for (const expected of [false, false, true]) {
      await settle();
      expect(isDrained).toBe(expected);
      driver.submit({ type: "absolute", x: chip.requests.length, y: 0 });
      await chip.answer();
    }
  });

  it("is drained at once when nothing waits, and when it is offline", async () => {
    const { driver } = await onlineBench();
    await expect(driver.drained()).resolves.toBeUndefined();
    await expect(startBench().driver.drained()).resolves.toBeUndefined();
  });
});

describe("Ch9329Hid polling", () => {
  it("asks for the lights every 500 ms while idle", async () => {
    const { chip, clock, state } = await onlineBench();
    chip.leds = { numLock: false, capsLock: true, scrollLock: false };
    await clock.advance(500);
    expect(chip.requests).toEqual([{ type: "getInfo" }]);
    expect(state().leds).toEqual({ num: false, caps: true, scroll: false });
    await clock.advance(2000);
    expect(chip.requests).toHaveLength(5);
  });

  it("asks at least once a second under endless input", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.isHolding = true;
    const pollsAt: number[] = [clock.monotonic()];
    for (let turn = 0; turn < 300; turn += 1) {
      driver.submit({ type: "keyboard", modifiers: turn & 1, keys: [] });
      driver.submit({ type: "absolute", x: turn, y: turn });
      await clock.advance(20);
      if (chip.requests.at(-1)?.type === "getInfo") pollsAt.push(clock.monotonic());
      await chip.answer();
    }
    const gaps = pollsAt.slice(1).map((at, index) => at - (pollsAt[index] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1000);
  });
});

describe("Ch9329Hid controls", () => {
  it("forgets what waits and releases everything", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "absolute", x: 0, y: 0 });
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    chip.isHolding = true;
    driver.submit(A);
    driver.submit({ type: "keyboard", modifiers: 2, keys: [4, 5] });
    driver.submit({ type: "consumer", usage: 0xe2 });
    driver.releaseAll();
    chip.isHolding = false;
    await chip.answer();
    expect(chip.isReleased).toBe(true);
    expect(chip.keyReports).not.toContainEqual([4, 5]);
    expect(chip.host).toMatchObject({ x: 2048, y: 2048 });
  });

  it("releases the old mouse when the mode changes", async () => {
    const { chip, driver, state } = await onlineBench();
    driver.submit({ type: "absolute", x: 0, y: 0 });
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    driver.setMouseMode("relative");
    await settle();
    expect(chip.isReleased).toBe(true);
    expect(state().mouseMode).toBe("relative");
    driver.submit({ type: "buttons", buttons: 2 });
    driver.submit({ type: "relative", dx: 1, dy: 0 });
    await settle();
    expect(chip.host).toMatchObject({ absoluteButtons: 0, relativeButtons: 2, dx: 1 });
    driver.setMouseMode("absolute");
    await settle();
    expect(chip.isReleased).toBe(true);
  });

  it("does not move the pointer by releasing in relative mode", async () => {
    const { chip, driver } = await onlineBench();
    driver.submit({ type: "absolute", x: 0, y: 0 });
    await settle();
    driver.setMouseMode("relative");
    await settle();
    driver.submit({ type: "buttons", buttons: 1 });
    await settle();
    chip.forgetRequests();
    driver.releaseAll();
    await settle();
    expect(chip.isReleased).toBe(true);
    expect(chip.reports.map((request) => request.type)).not.toContain("absolute");
  });

  it("takes a mouse mode before the chip is there", async () => {
    const { clock, driver, state } = startBench();
    driver.setMouseMode("relative");
    await clock.advance(60);
    expect(state().mouseMode).toBe("relative");
  });

  it("resets the chip: releases, says busy, holds keys back, restores them when the computer is back", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    driver.submit(A);
    await settle();
    const resetting = driver.reset();
    await settle();
    expect(chip.requests.at(-1)).toEqual({ type: "reset" });
    expect(state()).toMatchObject({ online: true, busy: true, hostReady: false });
    expect(driver.submit({ type: "absolute", x: 0, y: 0 })).toBe(false);
    expect(driver.submit({ type: "keyboard", modifiers: 0, keys: [5] })).toBe(true);
    chip.forgetRequests();
    await clock.advance(900);
    expect(chip.requests).toEqual([]);
    await clock.advance(200);
    await resetting;
    expect(state()).toMatchObject({ online: true, busy: false, hostReady: true });
    expect(chip.host.keys).toEqual([5]);
  });

  it("endures a chip that needs three seconds after a reset", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    const resetting = driver.reset();
    await settle();
    chip.react = () => "silent";
    await clock.advance(3000);
    expect(state()).toMatchObject({ online: true, busy: true });
    chip.react = () => "usual";
    await clock.advance(500);
    await resetting;
    expect(state()).toMatchObject({ online: true, busy: false, hostReady: true });
    expect(chip.openedAt).toHaveLength(1);
  });

  it("does not reset a chip that is offline", async () => {
    const { driver, state } = startBench();
    await driver.reset();
    expect(state().busy).toBe(false);
  });
});
