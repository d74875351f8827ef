import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../src/core/bytes.ts";
import { WEB_KEYS } from "../../../src/protocol/hid/web-keys.ts";
import { decodeBinaryFrame } from "../../../src/protocol/kvmd/ws-binary.ts";
import { recordingControls } from "../../support/recording-controls.ts";

function decode(bytes: Uint8Array): readonly string[] {
  const controls = recordingControls();
  return [decodeBinaryFrame(bytes, controls), ...controls.calls];
}

function keyFrame(flags: number, name: string): Uint8Array {
  return Uint8Array.from([1, flags, ...Buffer.from(name, "latin1")]);
}

describe("decodeBinaryFrame", () => {
  it.each([
    ["01 01 43 6F 6E 74 72 6F 6C 4C 65 66 74", "key ControlLeft down"],
    ["01 00 43 6F 6E 74 72 6F 6C 4C 65 66 74", "key ControlLeft up"],
    ["01 03 4B 65 79 41", "key KeyA down finish"],
    ["01 81 00 1E", "key KeyA down"],
    ["01 81 01 B6", "key ContextMenu down"],
    ["02 01 6C 65 66 74", "button left down"],
    ["02 80 01 15", "button down up"],
    ["03 00 00 00 00", "move 0 0"],
    ["03 80 00 7F FF", "move -32768 32767"],
    ["04 01 7F 80 01 FF", "relative 127 -128 1 -1 squash"],
    ["04 00", "relative "],
    ["05 00 00 FF", "wheel 0 -1"],
  ])("%s is: %s", (hex, call) => {
    expect(decode(fromHex(hex))).toEqual(["done", call]);
  });

  it("takes whatever follows the ping opcode as a ping", () => {
    expect(decode(fromHex("00"))).toEqual(["ping"]);
    expect(decode(fromHex("00 01 02"))).toEqual(["ping"]);
  });

  it.each([
    ["a key without flags", "01"],
    ["a key without a name", "01 01"],
    ["an unknown key", "01 01 6B 65 79 61"],
    ["a raw code cut short", "01 81 00"],
    ["a raw code with more behind it", "01 81 00 1E 00"],
    ["a raw code of no key", "01 81 FF FF"],
    ["a raw code of zero", "01 81 00 00"],
    ["an unknown button", "02 01 6C 65 66"],
    ["a raw code of no button", "02 81 00 1E"],
    ["a move cut short", "03 00 00 00"],
    ["a move with more behind it", "03 00 00 00 00 00"],
    ["a relative move without flags", "04"],
    ["a relative move with half a pair", "04 00 01"],
    ["a wheel turn with half a pair", "05 00 01 02 03"],
  ])("drops %s", (_, hex) => {
    expect(decode(fromHex(hex))).toEqual(["invalid"]);
  });

  it("knows no other opcode", () => {
    expect(decode(fromHex("06 00"))).toEqual(["unknown"]);
    expect(decode(new Uint8Array(0))).toEqual(["unknown"]);
  });

  it("drops a frame with more moves than a person makes", () => {
    expect(decode(new Uint8Array(2 + 2 * 1024).fill(5, 0, 1))[0]).toBe("done");
    expect(decode(new Uint8Array(4 + 2 * 1024).fill(5, 0, 1))).toEqual(["invalid"]);
  });

  it("resolves aliases to the key's own name", () => {
    expect(decode(keyFrame(1, "OSLeft"))).toEqual(["done", "key MetaLeft down"]);
  });

  it("understands every key by name and by evdev code", () => {
    for (const { name, evdev } of WEB_KEYS) {
      expect(decode(keyFrame(1, name))).toEqual(["done", `key ${name} down`]);
      if (evdev === 0) continue;
      const raw = Uint8Array.of(1, 0x80, evdev >> 8, evdev & 0xff);
      expect(decode(raw)).toEqual(["done", `key ${name} up`]);
    }
  });

  it("never takes a name that was cut short for another key", () => {
    const names = new Set(WEB_KEYS.map((key) => key.name));
    for (const { name } of WEB_KEYS) {
      const frame = keyFrame(1, name);
      for (let length = 1; length < frame.length; length += 1) {
        const rest = name.slice(0, Math.max(0, length - 2));
        const expected = names.has(rest) ? ["done", `key ${rest} down`] : ["invalid"];
        // F12 cut short is F1; an alias may be the start of no name.
        expect(decode(frame.subarray(0, length))).toEqual(expected);
      }
    }
  });

  it("never throws, and reads numbers at any offset of a larger buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(7), (bytes, offset) => {
        const larger = new Uint8Array(bytes.length + offset + 3).fill(0x5a);
        larger.set(bytes, offset);
        const view = larger.subarray(offset, offset + bytes.length);
        expect(decode(view)).toEqual(decode(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps every delta as it was sent", () => {
    const pairs = fc.array(
      fc.tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: -128, max: 127 })),
    );
    fc.assert(
      fc.property(pairs, (list) => {
        const bytes = Uint8Array.from([4, 0, ...Int8Array.from(list.flat())]);
        expect(decode(bytes)).toEqual(["done", `relative ${list.flat().join(" ")}`]);
      }),
    );
  });
});
