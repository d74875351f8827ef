import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { HidOutput } from "../../../src/device/hid/hid-output.ts";
import { LiveKeyboard } from "../../../src/device/hid/keyboard-live.ts";
import { HidOfflineError, printText } from "../../../src/device/hid/printer.ts";
import type { PrintJob } from "../../../src/device/hid/printer.ts";
import { modifiersOf, preparedText } from "../../../src/protocol/hid/printer-text.ts";
import { loadLayout } from "../../../src/protocol/hid/layout-loader.ts";
import { webKeyByName } from "../../../src/protocol/hid/web-keys.ts";
import type { WebKey } from "../../../src/protocol/hid/web-keys.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { ONLINE_STATE, fakeHidDriver } from "../../support/fake-hid-driver.ts";

function keyNamed(name: string): WebKey {
  const key = webKeyByName(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  return key;
}

function testPrinter() {
  const clock = fakeClock();
  const driver = fakeHidDriver();
  const output = new HidOutput({
    driver,
    clock,
    log: silentLogger,
    held: () => live.reports(),
    forget: () => live.forget(),
  });
  const live = new LiveKeyboard({
    hasMedia: () => false,
    send: (reports) => output.sendAll(reports),
  });
  const print = async (text: string, job: Partial<PrintJob> & { keymap?: string } = {}) => {
    const layout = (await loadLayout(job.keymap ?? "en-us")) ?? new Map();
    return printText(
      { driver, clock, live, send: (report) => output.send(report) },
      { text, layout, limit: 0, delayMs: 0, ...job },
    );
  };
  return { clock, driver, live, print };
}

describe("printText", () => {
  it("presses and releases each key", async () => {
    const { driver, print } = testPrinter();
    await expect(print("ab")).resolves.toEqual({ typed: 2, skipped: 0 });
    expect(driver.sent).toEqual(["key 00+04", "key 00+", "key 00+05", "key 00+"]);
  });

  it("holds Shift across the characters that need it and releases it at the end", async () => {
    const { driver, print } = testPrinter();
    await print("aBC");
    expect(driver.sent).toEqual([
      "key 00+04",
      "key 00+",
      "key 02+",
      "key 02+05",
      "key 02+",
      "key 02+06",
      "key 02+",
      "key 00+",
    ]);
  });

  it("uses AltGr where the layout needs it", async () => {
    const { driver, print } = testPrinter();
    await print("@", { keymap: "de" });
    expect(driver.sent).toEqual(["key 40+", "key 40+14", "key 40+", "key 00+"]);
  });

  it("types dead keys with their base, or with Space when they stand alone", async () => {
    const { driver, print } = testPrinter();
    await print("â^", { keymap: "de" });
    expect(driver.sent.filter((report) => report !== "key 00+")).toEqual([
      "key 00+35",
      "key 00+04",
      "key 00+35",
      "key 00+2c",
    ]);
  });

  it("types newline as Enter, tab as Tab, and skips what the layout lacks", async () => {
    const { driver, print } = testPrinter();
    await expect(print("\r\n\t \u0007ж")).resolves.toEqual({ typed: 3, skipped: 2 });
    expect(driver.sent.filter((report) => report !== "key 00+")).toEqual([
      "key 00+28",
      "key 00+2b",
      "key 00+2c",
    ]);
  });

  it("swaps Shift for letters while Caps Lock is on", async () => {
    const { driver, print } = testPrinter();
    driver.state.set({ ...ONLINE_STATE, leds: { num: false, caps: true, scroll: false } });
    await print("aB1!");
    expect(driver.sent.filter((report) => !report.endsWith("+"))).toEqual([
      "key 02+04",
      "key 00+05",
      "key 00+1e",
      "key 02+1e",
    ]);
  });

  it("sleeps before each key event when asked to", async () => {
    const { clock, driver, print } = testPrinter();
    const printing = print("aB", { delayMs: 20 });
    await clock.advance(19);
    expect(driver.sent).toEqual([]);
    await clock.advance(21);
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
    await clock.advance(80);
    await expect(printing).resolves.toEqual({ typed: 2, skipped: 0 });
  });

  it("reports progress", async () => {
    const { print } = testPrinter();
    const seen: string[] = [];
    await print("aжb", {
      onProgress(done, total) {
        seen.push(`${done}/${total}`);
      },
    });
    expect(seen).toEqual(["1/3", "2/3", "3/3"]);
  });

  it("loses nothing when the driver's queue is small", async () => {
    const { clock, driver, print } = testPrinter();
    const roomy = testPrinter();
    await roomy.print("Hello, World!");
    driver.room = 1;
    driver.refill = 1;
    const printing = print("Hello, World!");
    await clock.advance(5000);
    await expect(printing).resolves.toMatchObject({ typed: 13 });
    expect(driver.sent).toEqual(roomy.driver.sent);
  });

  it("does not run ahead of the driver", async () => {
    const { driver, print } = testPrinter();
    let finish = (): void => undefined;
    driver.hold = new Promise((resolve) => {
      finish = resolve;
    });
    const printing = print("ab");
    await settle();
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
    driver.hold = undefined;
    finish();
    await printing;
    expect(driver.sent).toHaveLength(4);
  });

  it("goes on after a quarter of a second when the driver never says that it is done", async () => {
    const { clock, driver, print } = testPrinter();
    driver.hold = new Promise(() => undefined);
    const printing = print("ab");
    await clock.advance(500);
    await expect(printing).resolves.toMatchObject({ typed: 2 });
  });

  it("lets go of everything at once when it is aborted", async () => {
    const { clock, driver, print } = testPrinter();
    const abort = new AbortController();
    const printing = print("ABC", { delayMs: 100, signal: abort.signal });
    const outcome = printing.catch((error: unknown) => error);
    await clock.advance(200);
    expect(driver.sent).toEqual(["key 02+", "key 02+04"]);
    abort.abort();
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    expect(driver.sent).toEqual(["key 02+", "key 02+04", "key 00+"]);
  });

  it("brings the released state through a full queue when it is aborted", async () => {
    const { clock, driver, print } = testPrinter();
    const abort = new AbortController();
    driver.room = 2;
    const printing = print("AB", { signal: abort.signal });
    const outcome = printing.catch((error: unknown) => error);
    await clock.advance(1);
    abort.abort();
    await clock.advance(10);
    expect(await outcome).toMatchObject({ kind: "cancelled" });
    driver.room = 10;
    await clock.advance(100);
    expect(driver.sent.at(-1)).toBe("key 00+");
  });

  it("fails when the chip goes offline before the end", async () => {
    const { clock, driver, print } = testPrinter();
    const printing = print("abc", { delayMs: 10 });
    const outcome = printing.catch((error: unknown) => error);
    await clock.advance(25);
    driver.state.set({ ...ONLINE_STATE, online: false, lastError: "unplugged" });
    await clock.advance(100);
    expect(await outcome).toBeInstanceOf(HidOfflineError);
  });

  it("waits while somebody holds a key, and never combines it with the text", async () => {
    const { clock, driver, live, print } = testPrinter();
    const printing = print("AB", { delayMs: 10 });
    await clock.advance(20);
    live.press(keyNamed("ControlLeft"), false);
    await clock.advance(500);
    expect(driver.sent).toEqual(["key 02+", "key 02+04", "key 01+"]);
    live.release(keyNamed("ControlLeft"));
    await clock.advance(500);
    await printing;
    expect(driver.sent.slice(3)).toEqual(["key 00+", "key 02+", "key 02+05", "key 02+", "key 00+"]);
  });

  it("lets go of a key that is held for long, so that the text does not hang", async () => {
    const { clock, driver, live, print } = testPrinter();
    live.press(keyNamed("ShiftLeft"), false);
    const printing = print("a");
    await clock.advance(1999);
    expect(driver.sent).toEqual(["key 02+"]);
    await clock.advance(2);
    await printing;
    expect(driver.sent).toEqual(["key 02+", "key 00+", "key 00+04", "key 00+"]);
  });
});

describe("preparedText", () => {
  it("replaces typographic marks, an em dash by two dashes", () => {
    expect(preparedText("‘a’ “b” „c‚ – —", 0).join("")).toBe("'a' \"b\" \"c' - --");
  });

  it("cuts whole characters at the limit, before replacing", () => {
    expect(preparedText("——x", 2).join("")).toBe("----");
    expect(preparedText("😀ab", 2)).toEqual(["😀", "a"]);
    expect(preparedText("abc", 0)).toHaveLength(3);
  });

  it("composes decomposed accents and drops carriage returns", () => {
    expect(preparedText("e\u0301\r\n", 0)).toEqual(["é", "\n"]);
  });
});

describe("modifiersOf", () => {
  it("keeps AltGr when Caps Lock swaps Shift", () => {
    const stroke = { usage: 0x04, modifiers: 0x42, isCapsSensitive: true };
    expect(modifiersOf(stroke, true)).toBe(0x40);
    expect(modifiersOf(stroke, false)).toBe(0x42);
  });
});
