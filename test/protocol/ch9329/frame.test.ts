import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../src/core/bytes.ts";
import { decodeFrame, encodeFrame } from "../../../src/protocol/ch9329/frame.ts";

describe("CH9329 frames", () => {
  it("survive a round trip", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, fc.uint8Array({ maxLength: 64 }), (address, command, data) => {
        const frame = decodeFrame(encodeFrame(command, data, address));
        expect(frame).toEqual({ address, command, data });
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["a wrong first byte", "56 ab 00 82 01 00 84"],
    ["a wrong second byte", "57 aa 00 82 01 00 84"],
    ["a header alone", "57 ab"],
    ["a missing sum", "57 ab 00 82 01 00"],
    ["a wrong sum", "57 ab 00 82 01 00 86"],
    ["a byte too many", "57 ab 00 82 01 00 85 00"],
  ])("are not made of %s", (_name, hex) => {
    expect(decodeFrame(fromHex(hex))).toBeUndefined();
  });

  it("refuse data that the length byte cannot count", () => {
    expect(() => encodeFrame(6, new Uint8Array(256))).toThrow(RangeError);
  });
});
