import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../../src/core/bytes.ts";
import { magicPacket } from "../../../../src/device/gpio/drivers/wol.ts";

describe("magicPacket", () => {
  it("is six bytes FF and sixteen times the address", () => {
    const packet = magicPacket("01:23:45:67:89:ab");
    expect(packet.length).toBe(102);
    expect(toHex(packet)).toBe(`${"ff ".repeat(6)}${"01 23 45 67 89 ab ".repeat(16)}`.trim());
  });

  it("reads every usual spelling of the same address alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (address) => {
        const spelled = toHex(address);
        const expected = magicPacket(spelled.replaceAll(" ", ":"));
        expect([...expected.subarray(96)]).toEqual([...address]);
        expect(magicPacket(spelled.replaceAll(" ", "-").toUpperCase())).toEqual(expected);
        expect(magicPacket(spelled.replaceAll(" ", ""))).toEqual(expected);
      }),
    );
  });

  it.each(["", "00:11:22:33:44", "00:11:22:33:44:5g", "00:11:22:33:44:55:66", " 001122334455"])(
    "refuses %j",
    (mac) => {
      expect(() => magicPacket(mac)).toThrow(RangeError);
    },
  );
});
