import { describe, expect, it } from "vitest";
import { Keyboard } from "../../../src/device/hid/keyboard.ts";
import { webKeyByName } from "../../../src/protocol/hid/web-keys.ts";
import type { WebKey } from "../../../src/protocol/hid/web-keys.ts";
import { describeReport } from "../../support/fake-hid-driver.ts";

function keyNamed(name: string): WebKey {
  const key = webKeyByName(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

/** Presses (+) and releases (-) in turn; the reports of the last step. */
function after(steps: readonly string[], hasMedia = true): readonly string[] {
  const keyboard = new Keyboard();
  let reports: readonly string[] = [];
  for (const step of steps) {
    const key = keyNamed(step.slice(1));
    const made = step.startsWith("+")
      ? keyboard.press(key, hasMedia)
      : keyboard.release(key, hasMedia);
    reports = made.map(describeReport);
  }
  return reports;
}

describe("Keyboard", () => {
  it("reports the complete state after each change", () => {
    expect(after(["+KeyA"])).toEqual(["key 00+04"]);
    expect(after(["+ShiftLeft", "+KeyA", "+KeyB"])).toEqual(["key 02+04,05"]);
    expect(after(["+ShiftLeft", "+KeyA", "-ShiftLeft"])).toEqual(["key 00+04"]);
  });

  it("keeps modifiers in their byte and out of the slots", () => {
    expect(after(["+ControlLeft", "+AltRight"])).toEqual(["key 41+"]);
  });

  it("releases a key that is pressed again first", () => {
    expect(after(["+KeyA", "+KeyA"])).toEqual(["key 00+", "key 00+04"]);
    expect(after(["+ShiftLeft", "+ShiftLeft"])).toEqual(["key 00+", "key 02+"]);
  });

  it("clears all slots for a seventh key and keeps the modifiers", () => {
    const six = ["+KeyA", "+KeyB", "+KeyC", "+KeyD", "+KeyE", "+KeyF"];
    expect(after(["+ShiftLeft", ...six, "+KeyG"])).toEqual(["key 02+", "key 02+0a"]);
  });

  it("makes no report for the release of a key that is up", () => {
    expect(after(["-KeyA"])).toEqual([]);
    expect(after(["+KeyA", "-ControlLeft"])).toEqual([]);
    expect(after(["+AudioVolumeUp", "-AudioVolumeDown"])).toEqual([]);
    expect(after(["-Power"])).toEqual([]);
  });

  it("sends media and system keys on their own pages", () => {
    expect(after(["+AudioVolumeUp"])).toEqual(["consumer e9"]);
    expect(after(["+AudioVolumeUp", "-AudioVolumeUp"])).toEqual(["consumer 00"]);
    expect(after(["+Power"])).toEqual(["system 1"]);
    expect(after(["+Power", "-Power"])).toEqual(["system 0"]);
  });

  it("holds one media key at a time", () => {
    expect(after(["+AudioVolumeUp", "+AudioVolumeDown"])).toEqual(["consumer ea"]);
  });

  it("falls back to the keyboard page for chips without media reports", () => {
    expect(after(["+AudioVolumeUp"], false)).toEqual(["key 00+80"]);
    expect(after(["+Power", "-Power"], false)).toEqual(["key 00+"]);
    expect(after(["+MediaStop"], false)).toEqual([]);
  });

  it("is idle only when nothing is held on any page", () => {
    const keyboard = new Keyboard();
    for (const name of ["KeyA", "ShiftLeft", "MediaStop", "Sleep"]) {
      const key = keyNamed(name);
      keyboard.press(key, true);
      expect(keyboard.isIdle).toBe(false);
      keyboard.release(key, true);
      expect(keyboard.isIdle).toBe(true);
    }
  });

  it("gives the whole state for a host that missed reports", () => {
    const keyboard = new Keyboard();
    keyboard.press(keyNamed("KeyA"), true);
    keyboard.press(keyNamed("MediaStop"), true);
    expect(keyboard.reports(true).map(describeReport)).toEqual([
      "key 00+04",
      "consumer b7",
      "system 0",
    ]);
    keyboard.clear();
    expect(keyboard.reports(false).map(describeReport)).toEqual(["key 00+"]);
  });
});
