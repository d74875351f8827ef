import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  decodeChipInfo,
  decodeLineFd,
  decodeLineValue,
  encodeLineConfig,
  encodeLineRequest,
  encodeLineValue,
} from "../../../src/platform/gpio/uapi.ts";

/** Offsets that are not zero, with their bytes. */
function nonZero(bytes: Uint8Array): Record<number, number> {
  const found: Record<number, number> = {};
  for (const [offset, byte] of bytes.entries()) if (byte !== 0) found[offset] = byte;
  return found;
}

describe("GPIO v2 structures", () => {
  it("asks for an active-low output with its idle level in the same request", () => {
    const bytes = encodeLineRequest(23, "farhand", {
      direction: "output",
      activeLow: true,
      level: true,
    });
    expect(bytes.length).toBe(592);
    expect(toHex(bytes.subarray(256, 264))).toBe("66 61 72 68 61 6e 64 00");
    bytes.fill(0, 256, 288);
    // line; flags output + active-low; one attribute: output values, value 1, mask 1; one line
    expect(nonZero(bytes)).toEqual({ 0: 23, 288: 0x0a, 296: 1, 320: 2, 328: 1, 336: 1, 560: 1 });
  });

  it("writes an inactive idle level as value 0 under mask 1", () => {
    const bytes = encodeLineConfig({ direction: "output", activeLow: false, level: false });
    expect(bytes.length).toBe(272);
    expect(nonZero(bytes)).toEqual({ 0: 0x08, 8: 1, 32: 2, 48: 1 });
  });

  it("asks for a debounced input in microseconds", () => {
    const bytes = encodeLineConfig({ direction: "input", activeLow: false, debounceUs: 100_000 });
    expect(nonZero(bytes)).toEqual({ 0: 0x04, 8: 1, 32: 3, 40: 0xa0, 41: 0x86, 42: 0x01, 48: 1 });
  });

  it("sends no attribute where nothing is asked for", () => {
    const input = encodeLineConfig({ direction: "input", activeLow: true, debounceUs: 0 });
    expect(nonZero(input)).toEqual({ 0: 0x06 });
    const asIs = encodeLineConfig({ direction: undefined, activeLow: false });
    expect(nonZero(asIs)).toEqual({});
  });

  it("cuts an over-long consumer name and keeps its end mark", () => {
    const bytes = encodeLineRequest(0, "x".repeat(40), { direction: "input", activeLow: false });
    expect(toHex(bytes.subarray(286, 288))).toBe("78 00");
  });

  it("bounds the debounce time to what the field holds", () => {
    const bytes = encodeLineConfig({ direction: "input", activeLow: false, debounceUs: 1e12 });
    expect(toHex(bytes.subarray(40, 48))).toBe("ff ff ff ff 00 00 00 00");
  });

  it("reads chip information with and without end marks", () => {
    const bytes = new Uint8Array(68);
    bytes.set(new TextEncoder().encode("gpiochip0"));
    bytes.fill(0x61, 32, 64);
    bytes[64] = 58;
    expect(decodeChipInfo(bytes)).toEqual({ name: "gpiochip0", label: "a".repeat(32), lines: 58 });
  });

  it("reads the descriptor that the kernel wrote", () => {
    const request = new Uint8Array(592);
    request.set([0x2a, 0x01, 0, 0], 588);
    expect(decodeLineFd(request)).toBe(298);
  });

  it("writes and reads the level of one line", () => {
    expect(toHex(encodeLineValue(true))).toBe("01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00");
    expect(toHex(encodeLineValue(false))).toBe("00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00");
    expect(decodeLineValue(fromHex("01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00"))).toBe(true);
    expect(decodeLineValue(fromHex("fe ff 00 00 00 00 00 00 01 00 00 00 00 00 00 00"))).toBe(false);
  });
});
