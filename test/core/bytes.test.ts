import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clamp, concatBytes, fromHex, toHex } from "../../src/core/bytes.ts";

describe("toHex and fromHex", () => {
  it("write lower-case pairs with a space between", () => {
    expect(toHex(Uint8Array.of(0x57, 0xab, 0x00))).toBe("57 ab 00");
    expect(toHex(new Uint8Array())).toBe("");
  });

  it("undo each other for every byte string", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });

  it("read upper case and any white space", () => {
    expect(fromHex(" 57AB\n0 0\t")).toEqual(Uint8Array.of(0x57, 0xab, 0x00));
  });

  it.each(["5", "5g", "0x10", "é0"])("refuse %j", (text) => {
    expect(() => fromHex(text)).toThrow(RangeError);
  });
});

describe("concatBytes", () => {
  it("joins its parts in order", () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
    expect(concatBytes()).toEqual(new Uint8Array());
  });

  it("copies, so that the result does not change with its parts", () => {
    const part = Uint8Array.of(1);
    const joined = concatBytes(part);
    part[0] = 9;
    expect(joined).toEqual(Uint8Array.of(1));
  });
});

describe("clamp", () => {
  it("keeps a value inside its range and moves others to the nearer end", () => {
    expect(clamp(5, -127, 127)).toBe(5);
    expect(clamp(200, -127, 127)).toBe(127);
    expect(clamp(-200, -127, 127)).toBe(-127);
  });
});
