import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_EDID } from "../../../src/protocol/switch/default-edid.ts";
import { hasEdidHeader, parseEdid } from "../../../src/protocol/switch/edid.ts";

function changed(...changes: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const bytes = DEFAULT_EDID.slice();
  for (const [at, values] of changes) bytes.set(values, at);
  return bytes;
}

describe("DEFAULT_EDID", () => {
  it("is well-formed: header, both sums, one extension", () => {
    const sums = [0, 128].map((at) =>
      DEFAULT_EDID.subarray(at, at + 128).reduce((sum, byte) => sum + byte, 0),
    );
    expect(hasEdidHeader(DEFAULT_EDID)).toBe(true);
    expect(sums.map((sum) => sum % 256)).toEqual([0, 0]);
    expect([DEFAULT_EDID.length, DEFAULT_EDID[126]]).toEqual([256, 1]);
  });

  it("prefers 1280x720 at 74.25 MHz", () => {
    const timing = DEFAULT_EDID.subarray(54, 72);
    const [low = 0, high = 0, width = 0, , widthHigh = 0, height = 0, , heightHigh = 0] = timing;
    expect([
      (high << 8) | low,
      ((widthHigh >> 4) << 8) | width,
      ((heightHigh >> 4) << 8) | height,
    ]).toEqual([7425, 1280, 720]);
  });
});

describe("parseEdid", () => {
  it("reads the names of a screen", () => {
    expect(parseEdid(DEFAULT_EDID)).toEqual({
      manufacturer: "LNX",
      productId: 1,
      serial: 0,
      monitorName: "FARHAND",
      monitorSerial: null,
      audio: false,
    });
  });

  it("knows audio only with sound and speaker blocks and the flag", () => {
    const blocks = [2, 3, 12, 0x40, 0x23, 9, 127, 7, 0x83, 1, 0, 0];
    expect(parseEdid(changed([128, blocks]))?.audio).toBe(true);
    expect(parseEdid(changed([128, blocks], [131, [0]]))?.audio).toBe(false);
  });

  it("reads a single block, which has no sound", () => {
    expect(parseEdid(DEFAULT_EDID.subarray(0, 128))?.monitorName).toBe("FARHAND");
  });

  it.each([
    ["no extension", changed([126, [0]])],
    ["another extension", changed([128, [0x70]])],
    ["a broken data block", changed([132, [0]])],
    ["a wrong length", DEFAULT_EDID.subarray(0, 200)],
    ["only zeros", new Uint8Array(256)],
  ])("gives up on %s", (_, bytes) => {
    expect(parseEdid(bytes)).toBeNull();
  });

  it("never fails, whatever the blocks hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 256, maxLength: 256 }), (bytes) => {
        bytes.set([1], 126);
        bytes.set([2, 3], 128);
        expect(() => parseEdid(bytes)).not.toThrow();
      }),
    );
  });
});
