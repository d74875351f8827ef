import { describe, expect, it } from "vitest";
import { createScope } from "../../../src/core/scope.ts";
import type { AtxConfig } from "../../../src/config/schema.ts";
import {
  AtxBusyError,
  AtxDisabledError,
  AtxLineUnavailableError,
} from "../../../src/device/atx/atx-errors.ts";
import { createAtx } from "../../../src/device/atx/atx.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeBank } from "../../support/fake-gpio-bank.ts";
import type { FakeBank } from "../../support/fake-gpio-bank.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

const POWER = 23;
const RESET = 27;
const POWER_LED = 24;
const HDD_LED = 22;
const at = (line: number) => ({ chip: "gpiochip0", line });
const lowAt = (line: number) => ({ chip: "gpiochip0", line, activeLow: true });

const CONFIG: AtxConfig = {
  enabled: true,
  powerSwitch: at(POWER),
  resetSwitch: at(RESET),
  powerLed: at(POWER_LED),
  hddLed: at(HDD_LED),
  clickSeconds: 0.5,
  longClickSeconds: 5.5,
  ledDebounceSeconds: 0.1,
};
const WAIT = { wait: true };
const NO_WAIT = { wait: false };

async function setUp(changes: Partial<AtxConfig> = {}, prepare?: (board: FakeBank) => void) {
  const log = recordingLogger();
  const clock = fakeClock();
  const board = fakeBank(clock);
  prepare?.(board);
  const scope = createScope("test", log);
  const atx = createAtx({ config: { ...CONFIG, ...changes }, gpio: board.bank, clock, log });
  await atx.start(scope);
  await clock.advance(0);
  const outcomeOf = (request: Promise<void>) => {
    const outcome: { error?: unknown; isDone: boolean } = { isDone: false };
    request.then(
      () => {
        outcome.isDone = true;
      },
      (error: unknown) => {
        outcome.error = error;
        outcome.isDone = true;
      },
    );
    return outcome;
  };
  return { ...board, log, clock, scope, atx, outcomeOf };
}

describe("createAtx", () => {
  it("starts with idle switches and nothing to report", async () => {
    const { atx, history } = await setUp();
    expect(atx.state.value).toEqual({
      enabled: true,
      acts: { power: false, reset: false },
      leds: { power: false, hdd: false },
      lastError: null,
    });
    expect([history(POWER), history(RESET)]).toEqual([[false], [false]]);
  });

  it.each([
    { button: "power", line: POWER, holdMs: 500 },
    { button: "power_long", line: POWER, holdMs: 5500 },
    { button: "reset", line: RESET, holdMs: 500 },
  ] as const)("holds $button for $holdMs ms", async ({ button, line, holdMs }) => {
    const { atx, clock, levelOf } = await setUp();
    await atx.click(button, NO_WAIT);
    await clock.advance(holdMs - 1);
    expect(levelOf(line)).toBe(true);
    await clock.advance(1);
    expect(levelOf(line)).toBe(false);
  });

  it("drives an active-low switch low while pressed and high otherwise", async () => {
    const { atx, clock, history } = await setUp({ powerSwitch: lowAt(POWER) });
    await atx.click("power", NO_WAIT);
    await clock.advance(2000);
    expect(history(POWER)).toEqual([true, false, true]);
  });

  it("keeps the line busy for a second after the press", async () => {
    const { atx, clock } = await setUp();
    await atx.click("power", NO_WAIT);
    expect(atx.state.value.acts).toEqual({ power: true, reset: false });
    await clock.advance(1499);
    await expect(atx.click("power_long", NO_WAIT)).rejects.toBeInstanceOf(AtxBusyError);
    await clock.advance(1);
    expect(atx.state.value.acts.power).toBe(false);
    await atx.click("power", NO_WAIT);
  });

  it("lets power and reset be pressed at the same time", async () => {
    const { atx, levelOf, clock } = await setUp();
    await atx.click("power", NO_WAIT);
    await atx.click("reset", NO_WAIT);
    await clock.advance(10);
    expect([levelOf(POWER), levelOf(RESET)]).toEqual([true, true]);
    expect(atx.state.value.acts).toEqual({ power: true, reset: true });
  });

  it("answers a waiting caller after press and rest, another one at once", async () => {
    const { atx, clock, outcomeOf } = await setUp();
    const waiting = outcomeOf(atx.click("power", WAIT));
    await atx.click("reset", NO_WAIT);
    await clock.advance(1499);
    expect(waiting.isDone).toBe(false);
    await clock.advance(1);
    expect(waiting).toEqual({ isDone: true });
  });

  it("follows the LEDs after the debounce time", async () => {
    const { atx, clock, apply } = await setUp();
    apply(POWER_LED, true);
    apply(HDD_LED, true);
    await clock.advance(60);
    apply(HDD_LED, false);
    await clock.advance(40);
    expect(atx.state.value.leds).toEqual({ power: true, hdd: false });
  });

  it("reads active-low LEDs", async () => {
    const { atx } = await setUp({ powerLed: lowAt(POWER_LED) });
    expect(atx.state.value.leds).toEqual({ power: true, hdd: false });
  });

  describe("power", () => {
    it.each([
      { action: "on", isOn: false, pressed: POWER, holdMs: 500 },
      { action: "on", isOn: true, pressed: undefined, holdMs: 0 },
      { action: "off", isOn: true, pressed: POWER, holdMs: 500 },
      { action: "off", isOn: false, pressed: undefined, holdMs: 0 },
      { action: "off_hard", isOn: true, pressed: POWER, holdMs: 5500 },
      { action: "off_hard", isOn: false, pressed: undefined, holdMs: 0 },
      { action: "reset_hard", isOn: true, pressed: RESET, holdMs: 500 },
      { action: "reset_hard", isOn: false, pressed: undefined, holdMs: 0 },
    ] as const)(
      "$action with power LED $isOn presses line $pressed",
      async ({ action, isOn, pressed, holdMs }) => {
        const { atx, clock, levelOf } = await setUp({}, ({ apply }) => apply(POWER_LED, isOn));
        await atx.power(action, NO_WAIT);
        await clock.advance(Math.max(0, holdMs - 1));
        expect([POWER, RESET].filter(levelOf)).toEqual(pressed === undefined ? [] : [pressed]);
        await clock.advance(1);
        expect([POWER, RESET].filter(levelOf)).toEqual([]);
      },
    );

    it("answers at once, also a waiting caller and while busy, when there is nothing to do", async () => {
      const { atx, clock } = await setUp();
      await atx.click("power", NO_WAIT);
      await atx.power("off", WAIT);
      expect(clock.monotonic()).toBe(0);
    });

    it("refuses to guess while a wired power LED cannot be read", async () => {
      const { atx, levelOf } = await setUp({}, ({ occupy }) => occupy(POWER_LED, true));
      await expect(atx.power("on", NO_WAIT)).rejects.toThrow(/unknown.*line 24 is taken/);
      await atx.click("power", NO_WAIT);
      expect(levelOf(POWER)).toBe(true);
    });

    it("takes a computer without a wired power LED for off", async () => {
      const { atx, levelOf } = await setUp({ powerLed: "none" });
      await atx.power("off", NO_WAIT);
      expect(levelOf(POWER)).toBe(false);
      await atx.power("on", NO_WAIT);
      expect(levelOf(POWER)).toBe(true);
    });
  });

  describe("without its lines", () => {
    it("is disabled when the configuration says so, and touches no line", async () => {
      const { atx, isHeld } = await setUp({ enabled: false });
      expect(atx.state.value).toMatchObject({ enabled: false, lastError: null });
      expect(isHeld(POWER)).toBe(false);
      await expect(atx.click("power", NO_WAIT)).rejects.toBeInstanceOf(AtxDisabledError);
      await expect(atx.power("off", NO_WAIT)).rejects.toBeInstanceOf(AtxDisabledError);
    });

    it.each([
      { powerSwitch: at(POWER), enabled: true },
      { powerSwitch: "none" as const, enabled: false },
    ])("is enabled by itself when a line is known: $enabled", async ({ powerSwitch, enabled }) => {
      const { atx } = await setUp({
        enabled: "auto",
        powerSwitch,
        resetSwitch: "none",
        powerLed: "auto",
        hddLed: "none",
      });
      expect(atx.state.value.enabled).toBe(enabled);
    });

    it("refuses a button that is not wired", async () => {
      const { atx } = await setUp({ resetSwitch: "none" });
      await expect(atx.click("reset", NO_WAIT)).rejects.toThrow(/No line.*reset/);
      expect(atx.state.value.acts.reset).toBe(false);
    });

    it("starts, says what is missing, and recovers when the line comes", async () => {
      const { atx, clock, occupy, log } = await setUp({}, ({ occupy }) => occupy(RESET, true));
      expect(atx.state.value.lastError).toBe("reset switch: line 27 is taken");
      await expect(atx.click("reset", NO_WAIT)).rejects.toBeInstanceOf(AtxLineUnavailableError);
      await atx.click("power", NO_WAIT);
      await clock.advance(60_000);
      expect(log.records.filter(({ level }) => level === "warn")).toHaveLength(1);
      occupy(RESET, false);
      await clock.advance(30_000);
      expect(atx.state.value.lastError).toBeNull();
      await atx.click("reset", NO_WAIT);
    });

    it("reports a press that fails, opens the line anew and leaves it idle", async () => {
      const { atx, clock, breakWrites, history } = await setUp();
      breakWrites(true);
      await expect(atx.click("power", WAIT)).rejects.toThrow(/broken/);
      expect(atx.state.value).toMatchObject({
        acts: { power: false },
        lastError: "power switch: broken",
      });
      breakWrites(false);
      await clock.advance(500);
      expect(atx.state.value.lastError).toBeNull();
      await atx.click("power", NO_WAIT);
      await clock.advance(500);
      expect(history(POWER)).toEqual([false, true, false]);
    });

    it("logs a failed press that nobody waits for", async () => {
      const { atx, clock, breakWrites, log } = await setUp();
      breakWrites(true);
      await atx.click("power", NO_WAIT);
      await clock.advance(10);
      expect(log.records).toContainEqual(
        expect.objectContaining({ level: "warn", message: "ATX press failed" }),
      );
    });

    it("idles a line that failed while it was pressed by closing it", async () => {
      const { atx, clock, breakWrites, levelOf, log } = await setUp();
      await atx.click("power", NO_WAIT);
      await clock.advance(100);
      breakWrites(true);
      await clock.advance(400);
      expect(levelOf(POWER)).toBe(false);
      expect(log.records).toContainEqual(
        expect.objectContaining({ level: "error", message: "ATX line may still be pressed" }),
      );
    });
  });

  describe("when its owner closes", () => {
    it("lets go at once and releases every line", async () => {
      const { atx, scope, clock, levelOf, isHeld, outcomeOf } = await setUp();
      const waiting = outcomeOf(atx.click("power_long", WAIT));
      await clock.advance(1000);
      expect(levelOf(POWER)).toBe(true);
      await scope.close();
      expect(levelOf(POWER)).toBe(false);
      expect([POWER, RESET, POWER_LED, HDD_LED].filter(isHeld)).toEqual([]);
      expect(waiting.error).toMatchObject({ kind: "cancelled" });
      expect(clock.pending).toBe(0);
    });

    it("logs nothing about presses cut short", async () => {
      const { atx, scope, clock, log } = await setUp();
      await atx.click("power", NO_WAIT);
      await clock.advance(100);
      await scope.close();
      await clock.advance(0);
      expect(log.records.map(({ message }) => message)).toEqual(["ATX button pressed"]);
    });

    it("gives up lines that never came", async () => {
      const { scope, clock } = await setUp({}, ({ occupy }) => occupy(POWER, true));
      await scope.close();
      expect(clock.pending).toBe(0);
    });

    it("refuses presses afterwards", async () => {
      const { atx, scope } = await setUp();
      await scope.close();
      await expect(atx.click("power", WAIT)).rejects.toBeInstanceOf(AtxLineUnavailableError);
    });
  });
});
