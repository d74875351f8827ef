import { describe, expect, it } from "vitest";
import { LAYOUT_NAMES } from "../../src/protocol/hid/layout-loader.ts";
import { isWebKeyName } from "../../src/protocol/hid/web-keys.ts";
import { fillText } from "../../src/web/i18n/fill-text.ts";
import { enCommon } from "../../src/web/i18n/en/common.ts";
import { enConsole } from "../../src/web/i18n/en/console.ts";
import { enSettings } from "../../src/web/i18n/en/settings.ts";
import { zhCommon } from "../../src/web/i18n/zh-cn/common.ts";
import { zhConsole } from "../../src/web/i18n/zh-cn/console.ts";
import { zhSettings } from "../../src/web/i18n/zh-cn/settings.ts";
import { LogLines, MOST_LINES, filterLines } from "../../src/web/views/console/log-lines.ts";
import { OSK_MORE, OSK_ROWS, charOn, charsOfLayout } from "../../src/web/views/console/osk-rows.ts";
import { SpeedMeter } from "../../src/web/views/console/panels/speed-meter.ts";
import { piecesOf, untypable } from "../../src/web/views/console/paste-plan.ts";

describe("texts", () => {
  it("fill in values and choose between one and many", () => {
    expect(fillText("{n} {n:image|images} of {user}", { n: 1, user: "me" })).toBe("1 image of me");
    expect(fillText("{n} {n:image|images}", { n: 12 })).toBe("12 images");
    expect(fillText("{missing}", {})).toBe("{missing}");
  });

  const BOOKS: readonly (readonly [string, object, object])[] = [
    ["common", enCommon, zhCommon],
    ["console", enConsole, zhConsole],
    ["settings", enSettings, zhSettings],
  ];
  it.each(BOOKS)("have the same values in both languages: %s", (_name, en, zh) => {
    const valuesIn = (text: unknown): readonly string[] =>
      [
        ...new Set(Array.from(String(text).matchAll(/\{(\w+)[}:]/g), ([, name]) => name ?? "")),
      ].sort();
    const translated = new Map(Object.entries(zh));
    for (const [key, text] of Object.entries(en)) {
      expect([key, valuesIn(translated.get(key))]).toEqual([key, valuesIn(text)]);
    }
    expect(translated.size).toBe(Object.keys(en).length);
  });
});

describe("pasting", () => {
  it("cuts a text into pieces without cutting a character in two", () => {
    const text = `${"a".repeat(47)}👍${"b".repeat(60)}`;
    expect(piecesOf(text).join("")).toBe(text);
    expect(piecesOf(text).every((piece) => !/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(piece))).toBe(
      true,
    );
    expect(piecesOf("")).toEqual([]);
  });

  it("names each character once that the layout cannot make", async () => {
    expect(await untypable("a€b€\n\tü“x”", "en-us")).toEqual(["€", "ü"]);
    expect(await untypable("a€b€\n\tü“x”", "de")).toEqual([]);
    expect(await untypable("你好", "en-us")).toEqual(["你", "好"]);
  });
});

describe("the on-screen keyboard", () => {
  const PLAIN = { shift: false, altGr: false, caps: false };

  it("has only keys that the device knows", () => {
    for (const [code] of [...OSK_ROWS.flat(), ...OSK_MORE]) {
      expect([code, isWebKeyName(code)]).toEqual([code, true]);
    }
  });

  it("shows the characters of the layout, with the modifiers that are down", async () => {
    const german = await charsOfLayout("de");
    expect(charOn(german, "KeyZ", PLAIN)).toBe("y");
    expect(charOn(german, "KeyZ", { ...PLAIN, shift: true })).toBe("Y");
    expect(charOn(german, "KeyE", { ...PLAIN, altGr: true })).toBe("€");
    expect(charOn(german, "KeyA", { ...PLAIN, caps: true })).toBe("A");
    expect(charOn(german, "KeyA", { ...PLAIN, caps: true, shift: true })).toBe("a");
    expect(charOn(german, "Digit1", { ...PLAIN, caps: true })).toBe("1");
    expect(charOn(german, "Space", PLAIN)).toBeUndefined();
    expect(charOn(german, "Enter", PLAIN)).toBeUndefined();
  });

  it.each(LAYOUT_NAMES)("has characters for %s", async (name) => {
    expect((await charsOfLayout(name)).size).toBeGreaterThan(40);
  });
});

describe("the log", () => {
  it("puts lines together that come in pieces", () => {
    const log = new LogLines();
    log.add("first line\nsecond ");
    expect(log.lines.map(({ text }) => text)).toEqual(["first line"]);
    log.add("line\n");
    expect(log.lines.map(({ text }) => text)).toEqual(["first line", "second line"]);
  });

  it("keeps the newest of very many", () => {
    const log = new LogLines();
    log.add(Array.from({ length: MOST_LINES + 10 }, (_item, index) => `${index}\n`).join(""));
    expect(log.lines).toHaveLength(MOST_LINES);
    expect(log.lines.at(-1)?.text).toBe(String(MOST_LINES + 9));
  });

  it("finds lines with all words, whatever their case", () => {
    const log = new LogLines();
    log.add("HID chip found\nHID is offline\nSigned in\n");
    expect(filterLines(log.lines, "hid CHIP").map(({ text }) => text)).toEqual(["HID chip found"]);
    expect(filterLines(log.lines, "  ")).toHaveLength(3);
  });

  it("marks warnings and errors", () => {
    const log = new LogLines();
    log.add("x WARN --- y\nx ERROR --- y\nx INFO --- y\n");
    expect(log.lines.map(({ tone }) => tone)).toEqual(["warn", "bad", undefined]);
  });
});

describe("SpeedMeter", () => {
  it("says nothing at first, and then the speed of the last seconds", () => {
    const meter = new SpeedMeter();
    expect(meter.add(0, 0)).toBeUndefined();
    expect(meter.add(100, 100)).toBeUndefined();
    expect(meter.add(1000, 1000)).toBe(1000);
    for (let second = 2; second <= 20; second += 1) meter.add(1000, second * 1000);
    expect(meter.add(1000, 21_000)).toBe(0);
  });
});
