import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkValue } from "../../src/config/check.ts";
import { walkSchema } from "../../src/config/json-schema.ts";
import { ConfigSchema } from "../../src/config/schema.ts";
import { GPIO_COLORS, parseView } from "../../src/protocol/kvmd/gpio-view.ts";
import type { SettingView } from "../../src/protocol/native/settings.ts";
import {
  scalarOf,
  textOfScalar,
  valueOfText,
} from "../../src/web/views/settings/form/free-value.ts";
import {
  blankOf,
  formKind,
  wayOf,
  wayTitle,
  waysOf,
} from "../../src/web/views/settings/form/schema.ts";
import { cellOf, textOfCell, withChannel } from "../../src/web/views/settings/gpio/cells.ts";
import {
  changesOf,
  draftOf,
  drawingOf,
  renamed,
} from "../../src/web/views/settings/gpio/gpio-draft.ts";
import { groupOf } from "../../src/web/views/settings/setting-groups.ts";

describe("the form of a setting", () => {
  const settings = [...walkSchema(ConfigSchema, { sections: false })];

  it("is known for every list and mapping but free texts and GPIO's names", () => {
    const free = settings.filter(({ schema }) => formKind(schema) === "free");
    expect(free.map(({ path }) => path.join("."))).toEqual([
      "device.gpio.drivers",
      "device.gpio.scheme",
      "device.info.meta",
    ]);
  });

  it("begins an item of a list with as little as the file needs", () => {
    const uplinks = settings.find(({ path }) => path.join(".") === "agent.uplinks")?.schema;
    const [komari, nezha] = waysOf(uplinks?.items ?? {});
    expect(blankOf(komari ?? {})).toEqual({ protocol: "komari", url: "" });
    expect(blankOf(nezha ?? {})).toEqual({ protocol: "nezha", server: "" });
    expect([komari, nezha].map((way) => wayTitle(way ?? {}))).toEqual(["komari", "nezha"]);
  });

  it("finds the way of a choice that a value takes", () => {
    const enabled = settings.find(({ path }) => path.join(".") === "device.atx.enabled")?.schema;
    const ways = waysOf(enabled ?? {});
    expect(ways.map(wayTitle)).toEqual(["auto", "true", "false"]);
    expect(["auto", true, false].map((value) => wayOf(ways, value))).toEqual([0, 1, 2]);
    const pin = waysOf(settings.find(({ path }) => path.at(-1) === "powerLed")?.schema ?? {});
    expect(wayOf(pin, { chip: "gpiochip0", line: 1 })).toBe(2);
  });

  it("begins every choice with a value that the server takes, or that only misses a text", () => {
    for (const { path, schema } of settings.filter((one) => formKind(one.schema) === "choice")) {
      for (const way of waysOf(schema)) {
        const wrong = checkValue(schema, blankOf(way)).filter(({ value }) => value !== "");
        expect([path.join("."), wrong]).toEqual([path.join("."), []]);
      }
    }
  });

  it("stands in a group that has a title", () => {
    expect(groupOf("device.hid.jiggler.active")).toBe("device.hid");
    expect(groupOf("device.board")).toBe("device");
    expect(groupOf("roles")).toBe("general");
    for (const { path } of settings) {
      const [first = "", second] = path;
      const isSection = second !== undefined;
      expect(groupOf(path.join(".")).split(".")[0]).toBe(isSection ? first : "general");
    }
  });
});

describe("free values", () => {
  it("are read as the file would read them", () => {
    expect(["12", "-0.5", "true", "null", "a b", "", "1e3", "007"].map(scalarOf)).toEqual([
      12,
      -0.5,
      true,
      null,
      "a b",
      "",
      "1e3",
      "007",
    ]);
  });

  it("become themselves again", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(scalar, (value) => {
        expect(valueOfText(textOfScalar(value))).toBe(value);
      }),
    );
  });
});

describe("cells of the menu", () => {
  const KINDS = { inputs: new Set(["led"]), outputs: new Set(["relay"]) };
  const SCHEME = { inputs: { led: {} }, outputs: { relay: {} } };
  const text = fc.string().map((word) => word.trim());
  const cell = fc.oneof(
    fc.record({ type: fc.constant("label" as const), text }),
    fc.record({
      type: fc.constant("input" as const),
      channel: fc.constant("led"),
      color: fc.constantFrom(...GPIO_COLORS),
    }),
    fc.record({
      type: fc.constant("output" as const),
      channel: fc.constant("relay"),
      text,
      asks: fc.boolean(),
      hides: fc.boolean(),
    }),
  );

  it("are written so that they are read as the same again, here and by the server", () => {
    fc.assert(
      fc.property(cell, (given) => {
        const written = textOfCell(given);
        expect(cellOf(written, KINDS)).toEqual(given);
        const [row] = parseView({ header: { title: "" }, table: [[written]] }, SCHEME).table;
        expect(row?.[0]?.type).toBe(given.type);
      }),
    );
  });

  it("keep a channel that is not there, and follow one that gets another name", () => {
    expect(cellOf("gone|confirm|Go", KINDS)).toEqual({
      type: "output",
      channel: "gone",
      text: "Go",
      asks: true,
      hides: false,
    });
    expect(withChannel("relay |confirm|relay", "relay", "fan")).toBe("fan |confirm|relay");
    expect(withChannel("#relay", "relay", "fan")).toBe("#relay");
  });
});

describe("the draft of the switches", () => {
  const view = (path: string, value: unknown): SettingView => ({
    path: `device.gpio.${path}`,
    kind: "json",
    value,
    isSet: true,
    default: null,
    origin: "file",
    isFixed: false,
    description: "",
  });
  const DRAFT = draftOf([
    view("drivers", { relay: { type: "unheard-of", depth: { of: 3 } } }),
    view("scheme", {
      fan: { pin: 1, mode: "output", pulse: false },
      led: { pin: 2, mode: "input" },
      fixed: { pin: 3, mode: "output", switch: false, pulse: { delay: 0 } },
    }),
    view("view.header.title", ["#Rack", "led"]),
    view("view.table", [["#Fan", "led|red", "fan", "fixed"], [], ["fan|Go"]]),
  ]);

  it("changes nothing until something is changed, and then only that", () => {
    expect(changesOf(DRAFT, DRAFT)).toEqual({});
    expect(changesOf(DRAFT, { ...DRAFT, title: "New" })).toEqual({
      "device.gpio.view.header.title": "New",
    });
    const reversed = { ...DRAFT, channels: DRAFT.channels.toReversed() };
    const scheme = changesOf(DRAFT, reversed)["device.gpio.scheme"];
    expect(Object.keys(scheme ?? {})).toEqual(["fixed", "led", "fan"]);
  });

  it("draws what the console draws: no channel that can do nothing, and lamps that are on", () => {
    const { title, rows } = drawingOf(DRAFT, new Set(["led"]));
    expect(title.map(({ type }) => type)).toEqual(["label", "input"]);
    expect(rows[0]).toMatchObject([
      { type: "label", text: "Fan" },
      { type: "input", channel: "led", color: "red", isOn: true },
      { type: "output", channel: "fan", canSwitch: true, canPulse: false, isOn: false },
    ]);
    expect(rows[0]).toHaveLength(3);
    expect(rows[1]).toBeNull();
  });

  it("renames a channel in the menu, too, but not while another one has its name", () => {
    expect(renamed(DRAFT, 0, "vent").table).toEqual([
      ["#Fan", "led|red", "vent", "fixed"],
      [],
      ["vent|Go"],
    ]);
    expect(renamed(DRAFT, 1, "lamp").title).toEqual(["#Rack", "lamp"]);
    const twice = renamed(DRAFT, 1, "fan");
    expect(renamed(twice, 1, "lamp").table[2]).toEqual(["fan|Go"]);
  });
});
