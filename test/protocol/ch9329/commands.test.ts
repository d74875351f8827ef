import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  ABSOLUTE_MAX,
  commandOf,
  encodeRequest,
  parseRequest,
  STATUS,
} from "../../../src/protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../../src/protocol/ch9329/commands.ts";
import { decodeFrame, encodeFrame } from "../../../src/protocol/ch9329/frame.ts";
import type { Ch9329Frame } from "../../../src/protocol/ch9329/frame.ts";
import { mediaBitsOf } from "../../../src/protocol/ch9329/media.ts";

function frameOf(bytes: Uint8Array): Ch9329Frame {
  const frame = decodeFrame(bytes);
  if (frame === undefined) throw new Error(`no frame: ${toHex(bytes)}`);
  return frame;
}

const REQUESTS: readonly (readonly [name: string, hex: string, request: Ch9329Request])[] = [
  ["information", "57 ab 00 01 00 03", { type: "getInfo" }],
  [
    "pressing a",
    "57 ab 00 02 08 00 00 04 00 00 00 00 00 10",
    { type: "keyboard", modifiers: 0, keys: [4] },
  ],
  [
    "releasing all keys",
    "57 ab 00 02 08 00 00 00 00 00 00 00 00 0c",
    { type: "keyboard", modifiers: 0, keys: [] },
  ],
  [
    "Ctrl+Shift+Alt+Del",
    "57 ab 00 02 08 07 00 4c 00 00 00 00 00 5f",
    { type: "keyboard", modifiers: 7, keys: [0x4c] },
  ],
  ["mute down", "57 ab 00 03 04 02 04 00 00 0f", { type: "media", bits: mediaBitsOf(0xe2) }],
  ["mute up", "57 ab 00 03 04 02 00 00 00 0b", { type: "media", bits: 0 }],
  ["system power", "57 ab 00 03 02 01 01 09", { type: "system", bits: 1 }],
  [
    "left button on the absolute mouse",
    "57 ab 00 04 07 02 01 00 00 00 00 00 10",
    { type: "absolute", buttons: 1, x: 0, y: 0, wheel: 0 },
  ],
  [
    "an absolute move",
    "57 ab 00 04 07 02 00 40 01 15 02 00 67",
    { type: "absolute", buttons: 0, x: 0x140, y: 0x215, wheel: 0 },
  ],
  [
    "left button on the relative mouse",
    "57 ab 00 05 05 01 01 00 00 00 0e",
    { type: "relative", buttons: 1, dx: 0, dy: 0, wheel: 0 },
  ],
  [
    "a relative move to the left",
    "57 ab 00 05 05 01 00 fd 00 00 0a",
    { type: "relative", buttons: 0, dx: -3, dy: 0, wheel: 0 },
  ],
  ["the parameter block", "57 ab 00 08 00 0a", { type: "getParameters" }],
  ["the manufacturer", "57 ab 00 0a 01 00 0d", { type: "getUsbString", kind: 0 }],
  ["the product", "57 ab 00 0a 01 01 0e", { type: "getUsbString", kind: 1 }],
  ["the serial number", "57 ab 00 0a 01 02 0f", { type: "getUsbString", kind: 2 }],
  ["factory defaults", "57 ab 00 0c 00 0e", { type: "factoryReset" }],
  ["a reset", "57 ab 00 0f 00 11", { type: "reset" }],
];

const byte = fc.integer({ min: 0, max: 255 });
const delta = fc.integer({ min: -127, max: 127 });
const coordinate = fc.integer({ min: 0, max: ABSOLUTE_MAX });
const anyRequest: fc.Arbitrary<Ch9329Request> = fc.oneof(
  fc.record({
    type: fc.constant("keyboard" as const),
    modifiers: byte,
    keys: fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 6 }),
  }),
  fc.record({ type: fc.constant("media" as const), bits: fc.integer({ min: 0, max: 0xffffff }) }),
  fc.record({ type: fc.constant("system" as const), bits: fc.integer({ min: 0, max: 7 }) }),
  fc.record({
    type: fc.constant("absolute" as const),
    buttons: byte,
    x: coordinate,
    y: coordinate,
    wheel: delta,
  }),
  fc.record({
    type: fc.constant("relative" as const),
    buttons: byte,
    dx: delta,
    dy: delta,
    wheel: delta,
  }),
  fc.record({
    type: fc.constant("customHid" as const),
    data: fc.uint8Array({ maxLength: 64 }),
  }),
  fc.record({
    type: fc.constant("setParameters" as const),
    data: fc.uint8Array({ minLength: 50, maxLength: 50 }),
  }),
  fc.record({
    type: fc.constant("setUsbString" as const),
    kind: fc.integer({ min: 0, max: 2 }),
    text: fc.uint8Array({ maxLength: 23 }),
  }),
);

describe("CH9329 requests", () => {
  it.each(REQUESTS)("encodes %s as the document's bytes", (_name, hex, request) => {
    expect(toHex(encodeRequest(request))).toBe(hex);
  });

  it.each(REQUESTS)("parses %s back from the document's bytes", (_name, hex, request) => {
    expect(parseRequest(frameOf(fromHex(hex)))).toEqual({ ok: true, request });
  });

  it("survives a round trip for every value in range", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(parseRequest(frameOf(encodeRequest(request)))).toEqual({ ok: true, request });
      }),
    );
  });

  it("carries an address other than zero", () => {
    expect(frameOf(encodeRequest({ type: "getInfo" }, 0xff)).address).toBe(0xff);
  });

  it("sends system keys with the media command", () => {
    expect(commandOf("system")).toBe(commandOf("media"));
  });

  it("answers E3 to commands that do not exist", () => {
    const parsed = parseRequest({ address: 0, command: 0x3a, data: new Uint8Array() });
    expect(parsed).toEqual({ ok: false, status: STATUS.unknownCommand });
  });

  it.each([
    ["coordinate 4096", 0x04, [2, 0, 0, 0x10, 0, 0, 0]],
    ["an absolute report of another kind", 0x04, [1, 0, 0, 0, 0, 0, 0]],
    ["a short absolute report", 0x04, [2, 0, 0, 0, 0, 0]],
    ["delta -128 across", 0x05, [1, 0, 0x80, 0, 0]],
    ["delta -128 down", 0x05, [1, 0, 0, 0x80, 0]],
    ["an empty relative report", 0x05, []],
    ["a keyboard report of seven bytes", 0x02, [0, 0, 4, 0, 0, 0, 0]],
    ["an empty keyboard report", 0x02, []],
    ["a keyboard report with a reserved byte set", 0x02, [0, 1, 4, 0, 0, 0, 0, 0]],
    ["a media report of an unknown kind", 0x03, [3, 0, 0, 0]],
    ["an empty media report", 0x03, []],
    ["data behind GET_INFO", 0x01, [0]],
    ["a short parameter block", 0x09, [0]],
    ["a USB string that does not exist", 0x0a, [3]],
    ["no USB string kind", 0x0a, []],
    ["a USB string of another length than stated", 0x0b, [0, 2, 65]],
    ["a USB string of 24 bytes", 0x0b, [0, 24, ...Array.from({ length: 24 }, () => 65)]],
    ["an empty USB string command", 0x0b, []],
    ["a USB string to set that does not exist", 0x0b, [3, 0]],
  ])("answers E5 to %s", (_name, command, data) => {
    const parsed = parseRequest(frameOf(encodeFrame(command, data)));
    expect(parsed).toEqual({ ok: false, status: STATUS.parameter });
  });
});
