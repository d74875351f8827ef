import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeScheme, readScheme } from "../../../src/device/gpio/scheme.ts";
import { parseView } from "../../../src/protocol/kvmd/gpio-view.ts";

const SCHEME = describeScheme(
  readScheme({
    led1: { pin: 1, mode: "input" },
    relay1: { pin: 2, mode: "output" },
    const1: { pin: 3, mode: "output", switch: false, pulse: false },
  }),
);

const parseCells = (...cells: string[]) =>
  parseView({ header: { title: "T" }, table: [cells] }, SCHEME).table[0];
const parseTitle = (title: string | string[]) =>
  parseView({ header: { title }, table: [] }, SCHEME).header.title;

describe("parseView", () => {
  it.each([
    ["#Text", { type: "label", text: "Text" }],
    ["# a|b ", { type: "label", text: "a|b" }],
    ["", { type: "label", text: "" }],
    ["led1", { type: "input", channel: "led1", color: "green" }],
    [" led1 | red ", { type: "input", channel: "led1", color: "red" }],
    ["led1|mauve", { type: "input", channel: "led1", color: "green" }],
    ["led1|", { type: "input", channel: "led1", color: "green" }],
    ["relay1", { type: "output", channel: "relay1", text: "Click", confirm: false, hide: false }],
    ["relay1|On", { type: "output", channel: "relay1", text: "On", confirm: false, hide: false }],
    [
      "relay1|confirm|On",
      { type: "output", channel: "relay1", text: "On", confirm: true, hide: false },
    ],
    [
      "relay1|hide, confirm|a|b",
      { type: "output", channel: "relay1", text: "a|b", confirm: true, hide: true },
    ],
    ["relay1||", { type: "output", channel: "relay1", text: "Click", confirm: false, hide: false }],
  ])("reads the cell %j", (cell, item) => {
    expect(parseCells(cell)).toEqual([item]);
  });

  it.each(["nochan", "nochan|red", "constructor", "__proto__", "const1|Const"])(
    "drops the cell %j that names no visible channel",
    (cell) => {
      expect(parseCells("#x", cell)).toEqual([{ type: "label", text: "x" }]);
    },
  );

  it("separates at an empty row and keeps a row whose cells were all dropped", () => {
    const view = parseView({ header: { title: "T" }, table: [["#a"], [], ["nochan"]] }, SCHEME);
    expect(view.table).toEqual([[{ type: "label", text: "a" }], null, []]);
  });

  it("takes a text title as it is", () => {
    expect(parseTitle("#Switches")).toEqual([{ type: "label", text: "#Switches" }]);
  });

  it("mixes labels and inputs in a title, and drops outputs", () => {
    expect(parseTitle(["#Sw", "led1|blue", "relay1", "nochan"])).toEqual([
      { type: "label", text: "Sw" },
      { type: "input", channel: "led1", color: "blue" },
    ]);
  });

  it("reads any text without failing, and never shows what is not in the scheme", () => {
    const cells = fc.oneof(
      fc.string(),
      fc.constantFrom("led1", "relay1", "const1").chain((name) => fc.string().map((s) => name + s)),
    );
    fc.assert(
      fc.property(fc.array(fc.array(cells)), (table) => {
        const { table: rows } = parseView({ header: { title: "T" }, table }, SCHEME);
        expect(rows).toHaveLength(table.length);
        const channels = rows
          .flat()
          .flatMap((item) => (item === null || item.type === "label" ? [] : [item.channel]));
        expect(["led1", "relay1"]).toEqual(expect.arrayContaining([...new Set(channels)]));
      }),
    );
  });
});
