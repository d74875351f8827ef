import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJsonFrame, encodeWsEvent } from "../../../src/protocol/kvmd/ws-json.ts";
import { recordingControls } from "../../support/recording-controls.ts";

function decodeText(text: string): readonly string[] {
  const controls = recordingControls();
  return [decodeJsonFrame(text, controls), ...controls.calls];
}

function decode(eventType: unknown, event: unknown): readonly string[] {
  return decodeText(JSON.stringify({ event_type: eventType, event }));
}

describe("decodeJsonFrame", () => {
  it.each([
    ["key", { key: "KeyA", state: true }, "key KeyA down"],
    ["key", { key: " OSLeft ", state: "0" }, "key MetaLeft up"],
    ["key", { key: "KeyA", state: 1, finish: "yes" }, "key KeyA down finish"],
    ["mouse_button", { button: "Left", state: "true" }, "button left down"],
    ["mouse_button", { button: "up", state: "false" }, "button up up"],
    ["mouse_move", { to: { x: 0, y: "-20" } }, "move 0 -20"],
    ["mouse_move", { to: { x: 50_000, y: -50_000 } }, "move 32767 -32768"],
    ["mouse_relative", { delta: { x: 200, y: -200 } }, "relative 127 -127"],
    [
      "mouse_relative",
      {
        delta: [
          { x: 1, y: 2 },
          { x: 3, y: 4 },
        ],
        squash: true,
      },
      "relative 1 2 3 4 squash",
    ],
    ["mouse_wheel", { delta: { x: 0, y: -1 }, squash: "0" }, "wheel 0 -1"],
    ["mouse_wheel", { delta: [] }, "wheel "],
  ])("%s %j is: %s", (eventType, event, call) => {
    expect(decode(eventType, event)).toEqual(["done", call]);
  });

  it("recognizes a ping", () => {
    expect(decode("ping", {})).toEqual(["ping"]);
  });

  it.each([
    ["key", { key: "keya", state: true }],
    ["key", { key: "KeyA" }],
    ["key", { state: true }],
    ["key", { key: "KeyA", state: "on" }],
    ["key", { key: "KeyA", state: true, finish: "maybe" }],
    ["key", { key: ["KeyA"], state: true }],
    ["mouse_button", { button: "fourth", state: true }],
    ["mouse_move", { to: { x: 1 } }],
    ["mouse_move", { to: [1, 2] }],
    ["mouse_move", { to: { x: 1.5, y: 0 } }],
    ["mouse_move", {}],
    ["mouse_relative", { delta: 1 }],
    ["mouse_relative", { delta: [{ x: 1, y: 1 }, 5] }],
    ["mouse_relative", { delta: { x: 1, y: 1 }, squash: {} }],
    ["mouse_wheel", { delta: 5 }],
    ["mouse_wheel", { delta: Array.from({ length: 1025 }, () => ({ x: 0, y: 1 })) }],
    ["key", null],
    ["key", []],
    ["key", "KeyA"],
    [7, {}],
    [null, {}],
  ])("drops %s %j without a part of it", (eventType, event) => {
    expect(decode(eventType, event)).toEqual(["invalid"]);
  });

  it("tells unknown types from broken ones", () => {
    expect(decode("reboot", {})).toEqual(["unknown"]);
    expect(decode("__proto__", {})).toEqual(["unknown"]);
  });

  it.each(["", "{", "null", "[]", '"ping"', "{}", '{"event_type":"ping"}'])(
    "drops the text %s",
    (text) => {
      expect(decodeText(text)).toEqual(["invalid"]);
    },
  );

  it("never throws, whatever the values are", () => {
    const eventType = fc.constantFrom(
      "ping",
      "key",
      "mouse_button",
      "mouse_move",
      "mouse_relative",
      "mouse_wheel",
      "other",
    );
    const names = fc.constantFrom("key", "state", "finish", "button", "to", "delta", "squash");
    const event = fc.dictionary(names, fc.jsonValue());
    fc.assert(
      fc.property(eventType, event, (type, value) => {
        expect(["done", "ping", "invalid", "unknown"]).toContain(decode(type, value)[0]);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeText(text)).toEqual(["invalid"]);
      }),
    );
  });

  it("lets failures of the sink through", () => {
    const controls = recordingControls();
    controls.move = () => {
      throw new RangeError("broken");
    };
    const text = '{"event_type":"mouse_move","event":{"to":{"x":1,"y":1}}}';
    expect(() => decodeJsonFrame(text, controls)).toThrow("broken");
  });
});

describe("encodeWsEvent", () => {
  it("writes exactly the two keys", () => {
    expect(encodeWsEvent("clients", { count: 2 })).toBe(
      '{"event_type":"clients","event":{"count":2}}',
    );
  });
});
