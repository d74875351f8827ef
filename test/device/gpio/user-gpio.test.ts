import { describe, expect, it } from "vitest";
import { createScope } from "../../../src/core/scope.ts";
import type { GpioConfig } from "../../../src/config/schema.ts";
import {
  GpioChannelBusyError,
  GpioChannelNotFoundError,
  GpioDriverOfflineError,
  GpioPulseNotSupportedError,
  GpioSwitchNotSupportedError,
} from "../../../src/device/gpio/gpio-errors.ts";
import { createUserGpio } from "../../../src/device/gpio/user-gpio.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeBank } from "../../support/fake-gpio-bank.ts";
import type { FakeBank } from "../../support/fake-gpio-bank.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { scriptedRunner } from "../../support/scripted-runner.ts";

const WAIT = { wait: true };
const NO_WAIT = { wait: false };

async function setUp(scheme: GpioConfig["scheme"], prepare?: (board: FakeBank) => void) {
  const log = recordingLogger();
  const clock = fakeClock();
  const board = fakeBank(clock);
  prepare?.(board);
  const scope = createScope("test", log);
  const gpio = createUserGpio({
    config: {
      drivers: {},
      scheme,
      view: { header: { title: "Switches" }, table: [] },
      allowCommands: false,
    },
    bank: board.bank,
    datagrams: { send: () => Promise.resolve() },
    process: scriptedRunner(),
    clock,
    log,
  });
  await gpio.start(scope);
  await clock.advance(0);
  return { ...board, clock, scope, gpio, log };
}

const RELAY = { relay: { pin: 21, mode: "output", pulse: { delay: 2, max_delay: 5 } } } as const;

describe("createUserGpio", () => {
  describe("inputs", () => {
    it("show the debounced level", async () => {
      const { gpio, apply, clock } = await setUp({ led: { pin: 19, mode: "input" } });
      expect(gpio.state.value.inputs["led"]).toEqual({ online: true, state: false });
      apply(19, true);
      await clock.advance(99);
      expect(gpio.state.value.inputs["led"]?.state).toBe(false);
      await clock.advance(1);
      expect(gpio.state.value.inputs["led"]).toEqual({ online: true, state: true });
    });

    it("show the opposite where inverted", async () => {
      const { gpio } = await setUp({ led: { pin: 20, mode: "input", inverted: true } });
      expect(gpio.state.value.inputs["led"]?.state).toBe(true);
    });

    it("are offline while their line is taken and come online when it is free", async () => {
      const { gpio, occupy, clock } = await setUp({ led: { pin: 19, mode: "input" } }, (board) =>
        board.occupy(19, true),
      );
      expect(gpio.state.value.inputs["led"]).toEqual({ online: false, state: false });
      occupy(19, false);
      await clock.advance(500);
      expect(gpio.state.value.inputs["led"]).toEqual({ online: true, state: false });
    });
  });

  describe("outputs at start", () => {
    it.each([
      { initial: undefined, inverted: false, level: false },
      { initial: true, inverted: false, level: true },
      { initial: true, inverted: true, level: false },
      { initial: false, inverted: true, level: true },
    ])("take initial $initial, inverted $inverted as level $level", async (given) => {
      const { inverted, initial, level } = given;
      const channel = { pin: 5, mode: "output", inverted } as const;
      const { gpio, history } = await setUp({
        out: initial === undefined ? channel : { ...channel, initial },
      });
      expect(history(5)).toEqual([level]);
      expect(gpio.state.value.outputs["out"]).toEqual({
        online: true,
        state: initial ?? false,
        busy: false,
      });
    });

    it("leave the level alone at start and end where initial is null", async () => {
      const { history, scope, gpio } = await setUp(
        { out: { pin: 5, mode: "output", initial: null } },
        ({ apply }) => apply(5, true),
      );
      expect(gpio.state.value.outputs["out"]?.state).toBe(true);
      await scope.close();
      expect(history(5)).toEqual([true]);
    });

    it("hold constant outputs without showing them", async () => {
      const { gpio, levelOf } = await setUp({
        const1: { pin: 6, mode: "output", initial: true, switch: false, pulse: false },
      });
      expect(levelOf(6)).toBe(true);
      expect(gpio.state.value.outputs).toEqual({});
      await expect(gpio.switch("const1", false, WAIT)).rejects.toBeInstanceOf(
        GpioSwitchNotSupportedError,
      );
    });
  });

  describe("switch", () => {
    it("writes, is busy for the rest time, then shows the new state", async () => {
      const { gpio, clock, levelOf } = await setUp(RELAY);
      await gpio.switch("relay", true, NO_WAIT);
      expect(gpio.state.value.outputs["relay"]).toEqual({ online: true, state: false, busy: true });
      await clock.advance(199);
      expect(levelOf(21)).toBe(true);
      expect(gpio.state.value.outputs["relay"]?.busy).toBe(true);
      await clock.advance(1);
      expect(gpio.state.value.outputs["relay"]).toEqual({ online: true, state: true, busy: false });
    });

    it("answers a waiting caller after the rest time, with the new state published", async () => {
      const { gpio, clock } = await setUp({
        relay: { pin: 21, mode: "output", busy_delay: 1.5 },
      });
      const states: unknown[] = [];
      const done = gpio
        .switch("relay", true, WAIT)
        .then(() => states.push(gpio.state.value.outputs["relay"]));
      await clock.advance(1499);
      expect(states).toEqual([]);
      await clock.advance(1);
      await done;
      expect(states).toEqual([{ online: true, state: true, busy: false }]);
    });

    it("inverts", async () => {
      const { gpio, levelOf } = await setUp({ out: { pin: 7, mode: "output", inverted: true } });
      await gpio.switch("out", true, NO_WAIT);
      expect(levelOf(7)).toBe(false);
    });

    it("is refused where the channel only pulses", async () => {
      const { gpio } = await setUp({ button: { pin: 26, mode: "output", switch: false } });
      await expect(gpio.switch("button", true, WAIT)).rejects.toBeInstanceOf(
        GpioSwitchNotSupportedError,
      );
    });
  });

  describe("pulse", () => {
    it.each([
      { asked: 0, lastsMs: 2000 },
      { asked: 3, lastsMs: 3000 },
      { asked: 0.01, lastsMs: 100 },
      { asked: 60, lastsMs: 5000 },
    ])("of $asked s lasts $lastsMs ms", async ({ asked, lastsMs }) => {
      const { gpio, clock, levelOf } = await setUp(RELAY);
      await gpio.pulse("relay", asked, NO_WAIT);
      await clock.advance(lastsMs - 1);
      expect(levelOf(21)).toBe(true);
      await clock.advance(1);
      expect(levelOf(21)).toBe(false);
      expect(gpio.state.value.outputs["relay"]?.busy).toBe(true);
      await clock.advance(200);
      expect(gpio.state.value.outputs["relay"]).toEqual({
        online: true,
        state: false,
        busy: false,
      });
    });

    it("is refused where the channel has none", async () => {
      const { gpio } = await setUp({ out: { pin: 5, mode: "output", pulse: false } });
      await expect(gpio.pulse("out", 0, WAIT)).rejects.toBeInstanceOf(GpioPulseNotSupportedError);
    });

    it("ends at once, low, when the owner closes", async () => {
      const { gpio, clock, scope, history, isHeld } = await setUp(RELAY);
      const outcome = gpio.pulse("relay", 0, WAIT).catch((error: unknown) => error);
      await clock.advance(500);
      await scope.close();
      expect(await outcome).toMatchObject({ kind: "cancelled" });
      expect(history(21)).toEqual([false, true, false]);
      expect(isHeld(21)).toBe(false);
      expect(clock.pending).toBe(0);
    });
  });

  it("lets one operation at a time into a channel, others go on", async () => {
    const { gpio, clock } = await setUp({ ...RELAY, other: { pin: 8, mode: "output" } });
    await gpio.pulse("relay", 0, NO_WAIT);
    await clock.advance(2100);
    await expect(gpio.switch("relay", true, NO_WAIT)).rejects.toBeInstanceOf(GpioChannelBusyError);
    await gpio.switch("other", true, NO_WAIT);
    await clock.advance(100);
    await gpio.switch("relay", true, NO_WAIT);
  });

  it.each(["nope", "led", "constructor", "__proto__", "toString"])(
    "knows no output %j",
    async (channel) => {
      const { gpio } = await setUp({ led: { pin: 1, mode: "input" } });
      await expect(gpio.switch(channel, true, WAIT)).rejects.toBeInstanceOf(
        GpioChannelNotFoundError,
      );
      await expect(gpio.pulse(channel, 0, WAIT)).rejects.toBeInstanceOf(GpioChannelNotFoundError);
    },
  );

  describe("with a line that fails", () => {
    it("tells a waiting caller, is offline, and recovers", async () => {
      const { gpio, clock, breakWrites } = await setUp(RELAY);
      breakWrites(true);
      await expect(gpio.switch("relay", true, WAIT)).rejects.toBeInstanceOf(GpioDriverOfflineError);
      expect(gpio.state.value.outputs["relay"]).toMatchObject({ online: false, busy: false });
      breakWrites(false);
      await clock.advance(500);
      expect(gpio.state.value.outputs["relay"]).toMatchObject({ online: true });
      const done = gpio.switch("relay", true, WAIT);
      await clock.advance(200);
      await done;
    });

    it("answers a caller that does not wait, and logs", async () => {
      const { gpio, clock, log } = await setUp(RELAY, ({ occupy }) => occupy(21, true));
      await gpio.switch("relay", true, NO_WAIT);
      await clock.advance(1);
      expect(gpio.state.value.outputs["relay"]).toEqual({
        online: false,
        state: false,
        busy: false,
      });
      expect(log.records.map(({ message }) => message)).toContain("GPIO operation failed");
    });

    it("is online again as soon as its line is, though an operation failed meanwhile", async () => {
      const { gpio, clock, occupy } = await setUp(RELAY, (board) => board.occupy(21, true));
      await gpio.switch("relay", true, WAIT).catch(() => undefined);
      occupy(21, false);
      await clock.advance(500);
      expect(gpio.state.value.outputs["relay"]).toEqual({
        online: true,
        state: false,
        busy: false,
      });
    });

    it("keeps no line high when a pulse fails half-way", async () => {
      const { gpio, clock, levelOf, breakWrites } = await setUp(RELAY);
      await gpio.pulse("relay", 0, NO_WAIT);
      await clock.advance(1000);
      breakWrites(true);
      await clock.advance(1000);
      expect(levelOf(21)).toBe(false);
    });
  });

  it("shows a channel that cannot work as offline, says why, and lets the others work", async () => {
    const { gpio, log, clock } = await setUp({
      ...RELAY,
      bad: { driver: "missing", pin: 1, mode: "output" },
      same: { pin: 21, mode: "input" },
    });
    expect(gpio.model.scheme.outputs["bad"]?.hw).toEqual({ driver: "missing", pin: "1" });
    expect(gpio.state.value.outputs["bad"]?.online).toBe(false);
    expect(gpio.state.value.inputs["same"]?.online).toBe(false);
    expect(gpio.state.value.outputs["relay"]?.online).toBe(true);
    const errors = log.records.filter(({ level }) => level === "error");
    expect(errors.map(({ fields }) => fields["path"])).toEqual([
      "device.gpio.scheme.bad",
      "device.gpio.scheme.same",
    ]);
    await expect(gpio.switch("bad", true, WAIT)).rejects.toBeInstanceOf(GpioDriverOfflineError);
    await clock.advance(0);
  });
});
