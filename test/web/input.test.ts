import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBinaryFrame } from "../../src/protocol/kvmd/ws-binary.ts";
import type { ControlSink } from "../../src/protocol/kvmd/ws-control.ts";
import {
  PING,
  buttonFrame,
  clampDelta,
  keyFrame,
  moveFrame,
  relativeFrame,
  wheelFrame,
} from "../../src/web/views/console/input/frames.ts";
import { KeyboardKeys } from "../../src/web/views/console/input/keyboard-keys.ts";
import { StepSum, containedBox, toScreen } from "../../src/web/views/console/input/pointer-math.ts";

/** What the device makes of a frame. */
function decoded(frame: Uint8Array): unknown {
  const seen: unknown[] = [];
  const sink: ControlSink = {
    key: (...args) => void seen.push(["key", ...args]),
    button: (...args) => void seen.push(["button", ...args]),
    move: (...args) => void seen.push(["move", ...args]),
    relative: (deltas, squash) => void seen.push(["relative", ...Array.from(deltas), squash]),
    wheel: (deltas, squash) => void seen.push(["wheel", ...Array.from(deltas), squash]),
  };
  const outcome = decodeBinaryFrame(frame, sink);
  return outcome === "done" ? seen[0] : outcome;
}

describe("frames of input", () => {
  it("mean to the device what was meant", () => {
    expect(decoded(PING)).toBe("ping");
    expect(decoded(keyFrame("KeyA", true))).toEqual(["key", "KeyA", true, false]);
    expect(decoded(keyFrame("KeyA", true, true))).toEqual(["key", "KeyA", true, true]);
    expect(decoded(keyFrame("ControlLeft", false))).toEqual(["key", "ControlLeft", false, false]);
    expect(decoded(buttonFrame("right", true))).toEqual(["button", "right", true]);
    expect(decoded(wheelFrame(0, -1))).toEqual(["wheel", 0, -1, false]);
  });

  it("carry every position and every step", () => {
    const axis = fc.integer({ min: -32_768, max: 32_767 });
    fc.assert(
      fc.property(axis, axis, (x, y) => {
        expect(decoded(moveFrame(x, y))).toEqual(["move", x, y]);
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (x, y) => {
        expect(decoded(relativeFrame(x, y))).toEqual([
          "relative",
          clampDelta(x),
          clampDelta(y),
          false,
        ]);
      }),
    );
  });
});

describe("positions on the screen", () => {
  it("reach from corner to corner, and not beyond", () => {
    const box = { left: 100, top: 50, width: 640, height: 360 };
    expect(toScreen(100, 50, box)).toEqual({ x: -32_768, y: -32_768 });
    expect(toScreen(740, 410, box)).toEqual({ x: 32_767, y: 32_767 });
    expect(toScreen(420, 230, box)).toEqual({ x: 0, y: 0 });
    expect(toScreen(-500, 9000, box)).toEqual({ x: -32_768, y: 32_767 });
  });

  it("leave out the bars beside a picture of another shape", () => {
    const wide = { left: 0, top: 0, width: 1600, height: 720 };
    expect(containedBox(wide, 1280, 720)).toEqual({ left: 160, top: 0, width: 1280, height: 720 });
    const high = { left: 0, top: 0, width: 1280, height: 1000 };
    expect(containedBox(high, 1280, 720)).toEqual({ left: 0, top: 140, width: 1280, height: 720 });
    expect(containedBox(high, 0, 0)).toEqual(high);
  });
});

describe("StepSum", () => {
  it("loses nothing of many small motions", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 })), (amounts) => {
        const sum = new StepSum(100);
        const steps = amounts.reduce((total, amount) => total + sum.add(amount), 0);
        expect(steps).toBe(Math.floor(amounts.reduce((total, amount) => total + amount, 0) / 100));
      }),
    );
  });

  it("turns back at once", () => {
    const sum = new StepSum(100);
    expect(sum.add(90)).toBe(0);
    expect(sum.add(-100)).toBe(-1);
  });
});

/** Keys with what they sent, and time that passes when told to. */
function createKeys(system: "linux" | "mac" | "windows" = "linux") {
  const sent: string[] = [];
  let waiting: (() => void) | undefined;
  const keys = new KeyboardKeys({
    send: (code, isPressed) => {
      sent.push(`${isPressed ? "+" : "-"}${code}`);
    },
    later: (_ms, work) => {
      waiting = work;
      return () => {
        waiting = undefined;
      };
    },
    isMac: system === "mac",
    isWindows: system === "windows",
  });
  const event =
    (type: string) =>
    (code: string, repeat = false) =>
      keys.take({ type, code, repeat });
  const pass = (): void => {
    waiting?.();
    waiting = undefined;
  };
  return { keys, sent, down: event("keydown"), up: event("keyup"), pass };
}

describe("KeyboardKeys", () => {
  it("sends presses and releases once, and leaves repeating to the computer", () => {
    const { sent, down, up } = createKeys();
    down("KeyA");
    down("KeyA", true);
    down("KeyA", true);
    up("KeyA");
    up("KeyA");
    down("");
    expect(sent).toEqual(["+KeyA", "-KeyA"]);
  });

  it("leaves nothing pressed when the page loses the focus", () => {
    const { keys, sent, down } = createKeys();
    down("ShiftLeft");
    down("KeyA");
    keys.releaseAll();
    expect(sent).toEqual(["+ShiftLeft", "+KeyA", "-ShiftLeft", "-KeyA"]);
    expect(keys.held.size).toBe(0);
  });

  it("takes AltGr on Windows for one key, and Control for Control", () => {
    const { sent, down, up, pass } = createKeys("windows");
    down("ControlLeft");
    down("AltRight");
    pass();
    up("ControlLeft");
    up("AltRight");
    expect(sent).toEqual(["+AltRight", "-AltRight"]);
    down("ControlLeft");
    down("KeyC");
    up("KeyC");
    up("ControlLeft");
    expect(sent.slice(2)).toEqual(["+ControlLeft", "+KeyC", "-KeyC", "-ControlLeft"]);
    down("ControlLeft");
    pass();
    up("ControlLeft");
    expect(sent.slice(6)).toEqual(["+ControlLeft", "-ControlLeft"]);
    down("ControlLeft");
    up("ControlLeft");
    expect(sent.slice(8)).toEqual(["+ControlLeft", "-ControlLeft"]);
  });

  it("lets go of the other keys with Command on a Mac, which does not say that they are up", () => {
    const { sent, down, up } = createKeys("mac");
    down("MetaLeft");
    down("ShiftLeft");
    down("KeyC");
    up("MetaLeft");
    expect(sent).toEqual(["+MetaLeft", "+ShiftLeft", "+KeyC", "-MetaLeft", "-KeyC"]);
  });

  it("makes whole presses of what systems tell by halves", () => {
    const mac = createKeys("mac");
    mac.down("CapsLock");
    mac.up("CapsLock");
    expect(mac.sent).toEqual(["+CapsLock", "-CapsLock", "+CapsLock", "-CapsLock"]);
    const windows = createKeys("windows");
    windows.up("PrintScreen");
    expect(windows.sent).toEqual(["+PrintScreen", "-PrintScreen"]);
    const linux = createKeys();
    linux.down("PrintScreen");
    linux.up("PrintScreen");
    linux.down("CapsLock");
    linux.up("CapsLock");
    expect(linux.sent).toEqual(["+PrintScreen", "-PrintScreen", "+CapsLock", "-CapsLock"]);
  });

  it("swaps the two keys of ISO keyboards on a Mac when asked", () => {
    const { keys, sent, down, up } = createKeys("mac");
    keys.swapsIsoKeys = true;
    down("Backquote");
    up("Backquote");
    expect(sent).toEqual(["+IntlBackslash", "-IntlBackslash"]);
  });
});
