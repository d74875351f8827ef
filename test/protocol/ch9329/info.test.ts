import { describe, expect, it } from "vitest";
import { fromHex } from "../../../src/core/bytes.ts";
import { decodeInfo, encodeInfo, formatVersion } from "../../../src/protocol/ch9329/info.ts";

describe("CH9329 information", () => {
  it("keeps every light apart over a round trip", () => {
    for (let bits = 0; bits < 16; bits += 1) {
      const info = {
        version: 0x37,
        hostReady: (bits & 8) !== 0,
        numLock: (bits & 1) !== 0,
        capsLock: (bits & 2) !== 0,
        scrollLock: (bits & 4) !== 0,
      };
      const data = encodeInfo(info);
      expect(data[2]).toBe(bits & 7);
      expect(decodeInfo(data)).toEqual(info);
    }
  });

  it("accepts reserved bytes that are not zero", () => {
    expect(decodeInfo(fromHex("30 01 00 00 46 00 00 00"))).toMatchObject({
      version: 0x30,
      hostReady: true,
    });
  });

  it("is not made of fewer than eight bytes", () => {
    expect(decodeInfo(fromHex("30 01 00 00 46 00 00"))).toBeUndefined();
    expect(decodeInfo(new Uint8Array())).toBeUndefined();
  });

  it("names the version, or the byte where the scheme does not fit", () => {
    expect(formatVersion(0x38)).toBe("V1.8");
    expect(formatVersion(0x30)).toBe("V1.0");
    expect(formatVersion(0x05)).toBe("version byte 0x05");
  });
});
