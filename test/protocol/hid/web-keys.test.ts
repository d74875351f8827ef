import { describe, expect, it } from "vitest";
import {
  WEB_KEYS,
  isWebKeyName,
  webKeyByEvdev,
  webKeyByName,
} from "../../../src/protocol/hid/web-keys.ts";
import {
  modifierBitOf,
  mouseButtonByEvdev,
  mouseButtonByName,
} from "../../../src/protocol/hid/usages.ts";

describe("web keys", () => {
  it("has the 126 names of PiKVM", () => {
    expect(WEB_KEYS.filter((key) => key.isPikvm)).toHaveLength(126);
  });

  it("has no name twice and no usage twice on a page", () => {
    expect(new Set(WEB_KEYS.map((key) => key.name)).size).toBe(WEB_KEYS.length);
    const pages = WEB_KEYS.map(
      (key) => `${key.kind === "modifier" ? "keyboard" : key.kind} ${key.usage}`,
    );
    expect(new Set(pages).size).toBe(WEB_KEYS.length);
  });

  it("has no evdev code twice", () => {
    const codes = WEB_KEYS.map((key) => key.evdev).filter((code) => code !== 0);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each([
    ["KeyA", "keyboard", 0x04, 30],
    ["KeyZ", "keyboard", 0x1d, 44],
    ["Digit0", "keyboard", 0x27, 11],
    ["F10", "keyboard", 0x43, 68],
    ["F11", "keyboard", 0x44, 87],
    ["F24", "keyboard", 0x73, 194],
    ["Numpad9", "keyboard", 0x61, 73],
    ["IntlRo", "keyboard", 0x87, 89],
    ["ShiftRight", "modifier", 0xe5, 54],
    ["AudioVolumeUp", "consumer", 0xe9, 115],
    ["Power", "system", 1, 116],
    ["WakeUp", "system", 3, 143],
    ["Lang1", "keyboard", 0x90, 122],
  ])("%s is %s usage %i, evdev %i", (name, kind, usage, evdev) => {
    expect(webKeyByName(name)).toMatchObject({ name, kind, usage, evdev });
    expect(webKeyByEvdev(evdev)?.name).toBe(name);
  });

  it("keeps a keyboard usage for volume and power, for chips without media reports", () => {
    const usages = ["AudioVolumeMute", "AudioVolumeUp", "AudioVolumeDown", "Power"].map(
      (name) => webKeyByName(name)?.keyboardUsage,
    );
    expect(usages).toEqual([0x7f, 0x80, 0x81, 0x66]);
    expect(webKeyByName("MediaStop")?.keyboardUsage).toBe(0);
  });

  it("accepts older names as aliases", () => {
    expect(webKeyByName("OSLeft")).toBe(webKeyByName("MetaLeft"));
    expect(webKeyByName("Menu")).toBe(webKeyByName("ContextMenu"));
    expect(webKeyByEvdev(127)).toBe(webKeyByName("ContextMenu"));
  });

  it("compares names exactly and knows no inherited properties", () => {
    expect(isWebKeyName("keya")).toBe(false);
    expect(isWebKeyName("")).toBe(false);
    expect(isWebKeyName("constructor")).toBe(false);
    expect(webKeyByEvdev(0)).toBeUndefined();
    expect(webKeyByEvdev(9999)).toBeUndefined();
  });
});

describe("usages", () => {
  it("gives the boot report's bit for modifiers only", () => {
    expect([0xe0, 0xe7, 0x04, 0xe8].map(modifierBitOf)).toEqual([0x01, 0x80, 0, 0]);
  });

  it("finds mouse buttons by name and by evdev code", () => {
    expect(mouseButtonByName("up")).toEqual({ name: "up", bit: 0x08, evdev: 278 });
    expect(mouseButtonByEvdev(277)?.name).toBe("down");
    expect(mouseButtonByName("constructor")).toBeUndefined();
    expect(mouseButtonByEvdev(275)).toBeUndefined();
  });
});
