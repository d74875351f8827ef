import { describe, expect, it } from "vitest";
import {
  BOOT_MS,
  createTargetPc,
  HARD_OFF_MS,
  HDD_FLICKER_MS,
  SHUTDOWN_MS,
} from "../../../src/platform/sim/target-pc.ts";
import { fakeClock } from "../../support/fake-clock.ts";

function setUp(options: { readonly isOn?: boolean } = {}) {
  const clock = fakeClock();
  const target = createTargetPc(clock, options);
  const press = async (ms: number): Promise<void> => {
    target.setPowerSwitch(true);
    await clock.advance(ms);
    target.setPowerSwitch(false);
  };
  return { clock, target, press, phase: () => target.state.value.phase };
}

describe("power button of the simulated computer", () => {
  it("switches on, boots with a flickering disk light, and then waits for input", async () => {
    const { clock, target, press } = setUp({ isOn: false });
    expect(target.state.value).toMatchObject({ phase: "off", powerLed: false, usbReady: false });
    await press(100);
    expect(target.state.value).toMatchObject({ phase: "booting", booting: true, powerLed: true });
    let changes = 0;
    target.state.subscribe((next, previous) => {
      if (next.hddLed !== previous.hddLed) changes += 1;
    });
    await clock.advance(BOOT_MS);
    expect(changes).toBeGreaterThan(BOOT_MS / HDD_FLICKER_MS / 2);
    expect(target.state.value).toMatchObject({
      phase: "running",
      booting: false,
      hddLed: false,
      usbReady: true,
      lines: [""],
    });
  });

  it("drives USB before the system is up", async () => {
    const { clock, target, press } = setUp({ isOn: false });
    await press(50);
    expect(target.state.value.usbReady).toBe(false);
    await clock.advance(BOOT_MS / 2);
    expect(target.state.value).toMatchObject({ booting: true, usbReady: true });
  });

  it("shuts a running computer down after a short press", async () => {
    const { clock, press, phase } = setUp();
    await press(500);
    expect(phase()).toBe("stopping");
    await clock.advance(SHUTDOWN_MS - 1);
    expect(phase()).toBe("stopping");
    await clock.advance(1);
    expect(phase()).toBe("off");
  });

  it("cuts the power of a press of four seconds, while it is still held", async () => {
    const { clock, target, phase } = setUp();
    target.setPowerSwitch(true);
    await clock.advance(HARD_OFF_MS - 1);
    expect(phase()).toBe("running");
    await clock.advance(1);
    expect(phase()).toBe("off");
    await clock.advance(1500);
    target.setPowerSwitch(false);
    await clock.advance(SHUTDOWN_MS);
    expect(phase()).toBe("off");
  });

  it("switches on and off again when a press from off is held", async () => {
    const { press, phase } = setUp({ isOn: false });
    await press(HARD_OFF_MS);
    expect(phase()).toBe("off");
  });

  it("does nothing on a second short press while shutting down", async () => {
    const { clock, press, phase } = setUp();
    await press(100);
    await press(100);
    await clock.advance(SHUTDOWN_MS);
    expect(phase()).toBe("off");
  });

  it("ignores repeats of a level", async () => {
    const { clock, target, phase } = setUp();
    target.setPowerSwitch(false);
    target.setPowerSwitch(true);
    await clock.advance(HARD_OFF_MS / 2);
    target.setPowerSwitch(true);
    await clock.advance(HARD_OFF_MS / 2);
    expect(phase()).toBe("off");
  });

  it("holds no timer when it is idle or closed", async () => {
    const { clock, target, press } = setUp();
    expect(clock.pending).toBe(0);
    await press(100);
    target.setPowerSwitch(true);
    target.close();
    expect(clock.pending).toBe(0);
  });
});

describe("reset button of the simulated computer", () => {
  it("stands still while held and boots on release", async () => {
    const { clock, target, phase } = setUp();
    target.keyboard(0, [0x04]);
    target.setResetSwitch(true);
    await clock.advance(10_000);
    expect(target.state.value).toMatchObject({
      phase: "reset",
      power: true,
      usbReady: false,
      keys: [],
    });
    target.setResetSwitch(false);
    expect(phase()).toBe("booting");
    await clock.advance(BOOT_MS);
    expect(target.state.value).toMatchObject({ phase: "running", lines: [""] });
  });

  it("begins a boot that is under way anew", async () => {
    const { clock, target, press, phase } = setUp({ isOn: false });
    await press(100);
    await clock.advance(BOOT_MS - 200);
    target.setResetSwitch(true);
    target.setResetSwitch(false);
    await clock.advance(BOOT_MS - 1);
    expect(phase()).toBe("booting");
  });

  it("does nothing while off", () => {
    const { target, phase } = setUp({ isOn: false });
    target.setResetSwitch(true);
    target.setResetSwitch(false);
    expect(phase()).toBe("off");
  });
});

describe("keyboard of the simulated computer", () => {
  const SHIFT = 0x02;
  const tap = (target: ReturnType<typeof setUp>["target"], key: number, modifiers = 0): void => {
    target.keyboard(modifiers, [key]);
    target.keyboard(modifiers, []);
  };

  it("types what the keys say, with shift and caps lock", () => {
    const { target } = setUp();
    for (const key of [0x0b, 0x0c]) tap(target, key);
    tap(target, 0x0b, SHIFT);
    tap(target, 0x1e, SHIFT);
    tap(target, 0x39);
    expect(target.state.value.leds.caps).toBe(true);
    tap(target, 0x0b);
    tap(target, 0x0b, SHIFT);
    tap(target, 0x1e);
    expect(target.state.value.lines).toEqual(["hiH!Hh1"]);
  });

  it("types every printable ASCII character", () => {
    const { target } = setUp();
    for (const modifiers of [0, SHIFT]) {
      for (let key = 0x04; key <= 0x38; key += 1) {
        const isEditing = key >= 0x28 && key <= 0x2b;
        if (!isEditing) tap(target, key, modifiers);
      }
    }
    const typed = new Set(target.state.value.lines.join(""));
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
    expect(printable.filter((char) => !typed.has(char))).toEqual([]);
  });

  it("acts when a key goes down, not while it is held or when another one joins", () => {
    const { target } = setUp();
    target.keyboard(0, [0x04]);
    target.keyboard(0, [0x04]);
    target.keyboard(0, [0x04, 0x05]);
    target.keyboard(0, [0x05]);
    expect(target.state.value).toMatchObject({ lines: ["ab"], keys: [0x05] });
  });

  it("edits with enter, backspace and tab", () => {
    const { target } = setUp();
    tap(target, 0x2a);
    for (const key of [0x04, 0x28, 0x05, 0x06, 0x2a, 0x2b, 0x07]) tap(target, key);
    expect(target.state.value.lines).toEqual(["a", "b       d"]);
    for (let count = 0; count < 10; count += 1) tap(target, 0x2a);
    expect(target.state.value.lines).toEqual(["a"]);
  });

  it("types nothing for chords", () => {
    const { target } = setUp();
    for (const modifiers of [0x01, 0x04, 0x08, 0x10, 0x40, 0x80]) tap(target, 0x04, modifiers);
    expect(target.state.value.lines).toEqual([""]);
  });

  it("toggles the three lights, and types keypad digits with num lock only", () => {
    const { target } = setUp();
    expect(target.state.value.leds).toEqual({ num: true, caps: false, scroll: false });
    tap(target, 0x59);
    tap(target, 0x53);
    tap(target, 0x59);
    tap(target, 0x47);
    expect(target.state.value.leds).toEqual({ num: false, caps: false, scroll: true });
    expect(target.state.value.lines).toEqual(["1"]);
  });

  it("restarts on Control, Alt and Delete, releasing everything", () => {
    const { target } = setUp();
    target.keyboard(0x05, [0x4c]);
    expect(target.state.value).toMatchObject({ phase: "booting", keys: [], modifiers: 0 });
  });

  it("keeps the screen within its size, whatever is typed", () => {
    const { target } = setUp();
    for (let count = 0; count < 5000; count += 1) tap(target, 0x04);
    const { lines } = target.state.value;
    expect([lines.length, Math.max(...lines.map((line) => line.length))]).toEqual([25, 80]);
  });

  it("keeps tabs within the width", () => {
    const { target } = setUp();
    for (let count = 0; count < 79; count += 1) tap(target, 0x04);
    for (let count = 0; count < 3; count += 1) tap(target, 0x2b);
    expect(Math.max(...target.state.value.lines.map((line) => line.length))).toBe(80);
  });

  it("types nothing before the system is up", async () => {
    const { clock, target, press } = setUp({ isOn: false });
    await press(100);
    await clock.advance(BOOT_MS / 2);
    tap(target, 0x04);
    await clock.advance(BOOT_MS);
    expect(target.state.value.lines).toEqual([""]);
  });
});

describe("mouse and other input of the simulated computer", () => {
  it("moves the pointer within the screen", () => {
    const { target } = setUp();
    target.moveTo(1, 1);
    expect(target.state.value.pointer).toEqual({ x: 1919, y: 1079 });
    target.moveBy(127, -9);
    expect(target.state.value.pointer).toEqual({ x: 1919, y: 1070 });
    target.moveTo(0, 0);
    target.moveBy(-5, 3);
    expect(target.state.value.pointer).toEqual({ x: 0, y: 3 });
  });

  it("adds up the wheel and shows buttons and media keys until they are released", () => {
    const { target } = setUp();
    target.turnWheel(3);
    target.turnWheel(-5);
    target.setButtons(5);
    target.media(4);
    expect(target.state.value).toMatchObject({ wheel: -2, buttons: 5, media: 4 });
    target.releaseInput();
    expect(target.state.value).toMatchObject({ buttons: 0, media: 0 });
  });

  it("shuts down on the keyboard's power key", () => {
    const { target, phase } = setUp();
    target.system(2);
    expect(phase()).toBe("running");
    target.system(1);
    expect(phase()).toBe("stopping");
  });

  it("does not announce reports that change nothing", () => {
    const { target } = setUp();
    target.setButtons(1);
    let changes = 0;
    target.state.subscribe(() => {
      changes += 1;
    });
    target.setButtons(1);
    target.keyboard(0, []);
    target.moveBy(0, 0);
    expect(changes).toBe(0);
  });
});
