import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { encodeMcuRequest, parseMcuRequest } from "../../../src/protocol/mcu-hid/commands.ts";
import type { McuRequest } from "../../../src/protocol/mcu-hid/commands.ts";
import { mcuKeyOf } from "../../../src/protocol/mcu-hid/keys.ts";
import { seal } from "../../../src/protocol/mcu-hid/frame.ts";

const VECTORS: readonly (readonly [name: string, hex: string, request: McuRequest])[] = [
  ["a ping", "33 01 00 00 00 00 18 38", { type: "ping" }],
  ["a repetition", "33 02 00 00 00 00 18 7c", { type: "repeat" }],
  ["releasing everything", "33 10 00 00 00 00 1b c4", { type: "clear" }],
  ["pressing A", "33 11 01 01 00 00 e7 a9", { type: "key", key: 1, isDown: true }],
  ["a move to the center", "33 12 00 00 00 00 db bd", { type: "move", x: 0, y: 0 }],
];

const LAYOUTS: readonly (readonly [name: string, payload: string, request: McuRequest])[] = [
  ["coordinates high byte first", "12 80 00 7f ff", { type: "move", x: -32_768, y: 32_767 }],
  ["left down", "13 88 00 00 00", { type: "buttons", changed: 1, pressed: 1 }],
  ["left up", "13 80 00 00 00", { type: "buttons", changed: 1, pressed: 0 }],
  ["right down, middle up", "13 64 00 00 00", { type: "buttons", changed: 6, pressed: 2 }],
  ["back down, forward down", "13 00 cc 00 00", { type: "buttons", changed: 24, pressed: 24 }],
  ["a wheel turn down", "14 00 ff 00 00", { type: "wheel", dy: -1 }],
  ["relative motion", "15 fb 05 00 00", { type: "relative", dx: -5, dy: 5 }],
  ["a keyboard output", "03 03 00 00 00", { type: "setKeyboard", output: 3 }],
  ["a mouse output", "04 10 00 00 00", { type: "setMouse", output: 0x10 }],
  ["attaching", "05 01 00 00 00", { type: "setConnected", connected: true }],
  ["detaching", "05 00 00 00 00", { type: "setConnected", connected: false }],
];

const delta = fc.integer({ min: -127, max: 127 });
const word = fc.integer({ min: -32_768, max: 32_767 });
const anyRequest: fc.Arbitrary<McuRequest> = fc.oneof(
  fc.record({ type: fc.constant("move" as const), x: word, y: word }),
  fc.record({ type: fc.constant("relative" as const), dx: delta, dy: delta }),
  fc.record({ type: fc.constant("wheel" as const), dy: delta }),
  fc.record({
    type: fc.constant("key" as const),
    key: fc.integer({ min: 1, max: 126 }),
    isDown: fc.boolean(),
  }),
  fc
    .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 31 }))
    .map(([changed, state]) => ({ type: "buttons" as const, changed, pressed: changed & state })),
);

describe("MCU requests", () => {
  it.each(VECTORS)("encode and parse %s as the document's bytes", (_name, hex, request) => {
    expect(toHex(encodeMcuRequest(request))).toBe(hex);
    expect(parseMcuRequest(fromHex(hex))).toEqual(request);
  });

  it.each(LAYOUTS)("encode %s in the documented places", (_name, payload, request) => {
    const frame = encodeMcuRequest(request);
    expect(toHex(frame.subarray(1, 6))).toBe(payload);
    expect(parseMcuRequest(frame)).toEqual(request);
  });

  it("survive a round trip for every value in range", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(parseMcuRequest(encodeMcuRequest(request))).toEqual(request);
      }),
    );
  });

  it("are damaged when any bit is wrong or a byte is missing", () => {
    const frame = encodeMcuRequest({ type: "key", key: 5, isDown: true });
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const broken = frame.slice();
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(parseMcuRequest(broken)).toBe("damaged");
    }
    expect(parseMcuRequest(frame.subarray(0, 7))).toBe("damaged");
    expect(parseMcuRequest(seal(Uint8Array.of(0x34, 1, 0, 0, 0, 0, 0, 0)))).toBe("damaged");
  });

  it("are unknown when whole but not in the document", () => {
    expect(parseMcuRequest(seal(Uint8Array.of(0x33, 0x66, 0, 0, 0, 0, 0, 0)))).toBe("unknown");
  });
});

describe("MCU key numbers", () => {
  it.each([
    ["KeyA", 0x04, 1],
    ["KeyZ", 0x1d, 26],
    ["Digit1", 0x1e, 27],
    ["Digit0", 0x27, 36],
    ["Enter", 0x28, 37],
    ["Space", 0x2c, 41],
    ["Backslash", 0x31, 46],
    ["Semicolon", 0x33, 47],
    ["CapsLock", 0x39, 53],
    ["F1", 0x3a, 54],
    ["F12", 0x45, 65],
    ["PrintScreen", 0x46, 66],
    ["Insert", 0x49, 67],
    ["PageDown", 0x4e, 72],
    ["ArrowRight", 0x4f, 73],
    ["ArrowUp", 0x52, 76],
    ["ControlLeft", 0xe0, 77],
    ["MetaRight", 0xe7, 84],
    ["Pause", 0x48, 85],
    ["ScrollLock", 0x47, 86],
    ["NumLock", 0x53, 87],
    ["ContextMenu", 0x65, 88],
    ["NumpadDivide", 0x54, 89],
    ["NumpadEnter", 0x58, 93],
    ["Numpad1", 0x59, 94],
    ["Numpad0", 0x62, 103],
    ["NumpadDecimal", 0x63, 104],
    ["Power", 0x66, 105],
    ["IntlBackslash", 0x64, 106],
    ["IntlYen", 0x89, 107],
    ["IntlRo", 0x87, 108],
    ["KanaMode", 0x88, 109],
    ["Convert", 0x8a, 110],
    ["NonConvert", 0x8b, 111],
    ["AudioVolumeMute", 0x7f, 112],
    ["AudioVolumeUp", 0x80, 113],
    ["AudioVolumeDown", 0x81, 114],
    ["F20", 0x6f, 115],
    ["F24", 0x73, 119],
    ["F13", 0x68, 120],
    ["F19", 0x6e, 126],
  ])("name %s", (_name, usage, number) => {
    expect(mcuKeyOf(usage)).toBe(number);
  });

  it("cover 1 to 126, one usage each but for the second backslash", () => {
    const numbers: number[] = [];
    for (let usage = 0; usage < 256; usage += 1) {
      const number = mcuKeyOf(usage);
      if (number !== undefined && usage !== 0x32) numbers.push(number);
    }
    const all = Array.from({ length: 126 }, (_, index) => index + 1);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(all);
    expect(mcuKeyOf(0x32)).toBe(46);
  });
});
