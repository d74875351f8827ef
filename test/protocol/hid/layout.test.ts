import { describe, expect, it } from "vitest";
import { LAYOUT_NAMES, layoutNameOf, loadLayout } from "../../../src/protocol/hid/layout-loader.ts";
import { buildLayout } from "../../../src/protocol/hid/layout.ts";
import type { KeyStroke, Layout } from "../../../src/protocol/hid/layout.ts";

const SHIFT = 0x02;
const ALTGR = 0x40;

/** Strokes as usage and modifiers, for comparing. */
async function strokes(name: string, char: string): Promise<readonly number[][]> {
  const layout = await loadLayout(name);
  return (layout?.get(char) ?? []).map(({ usage, modifiers }) => [usage, modifiers]);
}

/** What a computer with this layout makes of the strokes: the reverse of the table, dead keys included. */
function typedBy(layout: Layout, wanted: readonly KeyStroke[]): string | undefined {
  const key = JSON.stringify(wanted);
  return [...layout].find(([, candidate]) => JSON.stringify(candidate) === key)?.[0];
}

describe("layouts", () => {
  it("offers PiKVM's 36 names, sorted", () => {
    expect(LAYOUT_NAMES).toHaveLength(36);
    expect(LAYOUT_NAMES).toEqual([...LAYOUT_NAMES].sort());
    expect(LAYOUT_NAMES).toEqual(
      expect.arrayContaining(["de", "en-gb", "en-us", "es", "fr", "it", "ja", "pt", "pt-br", "ru"]),
    );
  });

  it("accepts the short names us, gb and jp without listing them", () => {
    expect(["us", "gb", "jp"].map(layoutNameOf)).toEqual(["en-us", "en-gb", "ja"]);
    expect(LAYOUT_NAMES).not.toContain("us");
  });

  it("knows no layout of another name, inherited property names included", async () => {
    expect(layoutNameOf("constructor")).toBeUndefined();
    expect(await loadLayout("nope")).toBeUndefined();
    expect(await loadLayout("toString")).toBeUndefined();
  });

  it.each(LAYOUT_NAMES)("%s types every printable ASCII character", async (name) => {
    const layout = await loadLayout(name);
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));
    expect(ascii.filter((char) => layout?.has(char) !== true)).toEqual([]);
  });

  it.each(LAYOUT_NAMES.filter((name) => !["ar", "mk", "ru", "th"].includes(name)))(
    "%s types each character in a way that means no other",
    async (name) => {
      const layout = (await loadLayout(name)) ?? new Map<string, readonly KeyStroke[]>();
      const ambiguous = [...layout].filter(([char, way]) => typedBy(layout, way) !== char);
      // A dead key and Space may type either form of the accent, depending on the system.
      expect(ambiguous.filter(([, way]) => way[1]?.usage !== 0x2c)).toEqual([]);
    },
  );

  it.each([
    ["en-us", "a", [[0x04, 0]]],
    ["en-us", "A", [[0x04, SHIFT]]],
    ["en-us", "<", [[0x36, SHIFT]]],
    ["en-us", "|", [[0x31, SHIFT]]],
    ["en-gb", "£", [[0x20, SHIFT]]],
    ["en-gb", "@", [[0x34, SHIFT]]],
    ["en-gb", "#", [[0x31, 0]]],
    ["en-gb", "|", [[0x64, SHIFT]]],
    ["de", "z", [[0x1c, 0]]],
    ["de", "ü", [[0x2f, 0]]],
    ["de", "@", [[0x14, ALTGR]]],
    ["de", "€", [[0x08, ALTGR]]],
    ["de", "<", [[0x64, 0]]],
    ["fr", "a", [[0x14, 0]]],
    ["fr", "1", [[0x1e, SHIFT]]],
    ["fr", "é", [[0x1f, 0]]],
    ["it", "è", [[0x2f, 0]]],
    ["pt-br", "ç", [[0x33, 0]]],
    ["pt-br", "/", [[0x87, 0]]],
    ["ja", "~", [[0x2e, SHIFT]]],
    ["ja", "_", [[0x87, SHIFT]]],
    ["ja", "@", [[0x2f, 0]]],
    ["ru", "ф", [[0x04, 0]]],
    ["ru", "Ё", [[0x35, SHIFT]]],
  ])("%s types %s", async (name, char, expected) => {
    expect(await strokes(name, char)).toEqual(expected);
  });

  it("types a lone accent as the dead key and Space", async () => {
    expect(await strokes("de", "^")).toEqual([
      [0x35, 0],
      [0x2c, 0],
    ]);
    expect(await strokes("es", "`")).toEqual([
      [0x2f, 0],
      [0x2c, 0],
    ]);
    expect(await strokes("pt-br", "~")).toEqual([
      [0x34, 0],
      [0x2c, 0],
    ]);
  });

  it("composes accented letters with the dead key and the base", async () => {
    expect(await strokes("es", "á")).toEqual([
      [0x34, 0],
      [0x04, 0],
    ]);
    expect(await strokes("fr", "Ê")).toEqual([
      [0x2f, 0],
      [0x08, SHIFT],
    ]);
    expect(await strokes("pt", "ã")).toEqual([
      [0x31, 0],
      [0x04, 0],
    ]);
  });

  it("fills missing Latin characters from the US positions for other scripts only", async () => {
    expect(await strokes("ru", "a")).toEqual([[0x04, 0]]);
    expect(await strokes("ru", ".")).toEqual([[0x38, 0]]);
  });

  it("marks letters as swapped by Caps Lock, and nothing else", async () => {
    const german = await loadLayout("de");
    const swapped = (char: string) => german?.get(char)?.at(-1)?.isCapsSensitive;
    expect(["a", "A", "ä", "Ø", "é"].map(swapped)).toEqual([true, true, true, true, true]);
    expect(["1", "!", "@", "ß", "~", "^"].map(swapped)).toEqual(Array(6).fill(false));
    const turkish = await loadLayout("tr");
    expect(["i", "İ", "ı", "I"].map((char) => turkish?.get(char)?.[0]?.isCapsSensitive)).toEqual(
      Array(4).fill(true),
    );
    const swiss = await loadLayout("de-ch");
    expect(swiss?.get("ü")?.[0]?.isCapsSensitive).toBe(false);
  });

  it("skips a composition whose base the layout cannot type directly", () => {
    const layout = buildLayout({
      fillFromUs: false,
      keys: [[0x04, "a"]],
      dead: [{ usage: 0x35, level: 0, spacing: "", pairs: "aâeê" }],
    });
    expect([...layout.keys()]).toEqual(["a", "â"]);
  });
});
