import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc16 } from "../../../src/protocol/switch/crc16.ts";
import {
  DEFAULT_SWITCH_COLORS,
  packSwitchColors,
  parseSwitchColor,
} from "../../../src/protocol/switch/colors.ts";
import { decodeSwitchReport, encodeSwitchRequest } from "../../../src/protocol/switch/messages.ts";

const text = (value: string) => Buffer.from(value);

describe("crc16", () => {
  it("is CRC-16/MODBUS", () => {
    expect(crc16(text("123456789"))).toBe(0x4b37);
  });
});

describe("encodeSwitchRequest", () => {
  it("puts the header before the body, numbers little-endian", () => {
    expect(encodeSwitchRequest(0x1234, 0xff, { op: "state" })).toEqual(
      Uint8Array.of(1, 0x34, 0x12, 4, 0xff),
    );
    const click = { op: "atxClick", channel: 2, button: "reset", ms: 5500 } as const;
    expect(encodeSwitchRequest(1, 3, click)).toEqual(
      Uint8Array.of(1, 1, 0, 8, 3, 2, 1, 0x7c, 0x15),
    );
  });

  it("pads EDIDs to two blocks", () => {
    const edid = Uint8Array.of(1, 2, 3);
    const message = encodeSwitchRequest(1, 0, { op: "setEdid", channel: 1, edid });
    expect([message.length, ...message.subarray(5, 10)]).toEqual([5 + 1 + 256, 1, 1, 2, 3, 0]);
  });

  it("sends colors in the unit's order", () => {
    const packed = packSwitchColors(DEFAULT_SWITCH_COLORS);
    expect([packed.length, ...packed.subarray(18, 24)]).toEqual([30, 228, 44, 156, 255, 250, 0]);
    expect(parseSwitchColor("0A0B0C:0D:0102")).toEqual({
      red: 10,
      green: 11,
      blue: 12,
      brightness: 13,
      blinkMs: 258,
    });
  });
});

describe("decodeSwitchReport", () => {
  it("reads the state of a unit", () => {
    const body = new Uint8Array(64);
    // Version 9 of a developer, changing, with another unit behind, channel 2.
    body.set([0x09, 0x80, 1, 0, 0x82, 0, 2, 0b100001]);
    body.set([1, 2], 8);
    body[20] = 0b1001;
    body[22] = 0b0110;
    body.set([0xcd, 0xab], 25);
    body[31] = 0b0001;
    body[33] = 0b1000;
    body[34] = 1;
    body[35] = 0b0100;
    const report = decodeSwitchReport(Uint8Array.of(1, 5, 0, 4, 1, ...body));
    expect(report).toEqual({
      id: 5,
      unit: 1,
      type: "state",
      state: {
        version: 9,
        isDevBuild: true,
        isChanging: true,
        hasDownlink: true,
        channel: 2,
        beacons: [true, false, false, false, false, true],
        colorCrcs: [0x0201, 0, 0, 0, 0, 0],
        videoLinks: [true, false, false, true],
        hasEdid: [false, true, true, false],
        edidCrcs: [0, 0xabcd, 0, 0],
        usbLinks: [true, false, false, false],
        atxBusy: [false, false, false, true],
        ignoreHpd: true,
        dummies: [false, false, true, false],
      },
    });
  });

  it("reads lights and refusals", () => {
    expect(decodeSwitchReport(Uint8Array.of(1, 1, 0, 7, 0, 0b0010_0001))).toEqual({
      id: 1,
      unit: 0,
      type: "leds",
      leds: { power: [true, false, false, false], hdd: [false, true, false, false] },
    });
    expect(decodeSwitchReport(Uint8Array.of(1, 1, 0, 0, 2, 1))).toEqual({
      id: 1,
      unit: 2,
      type: "refused",
      reason: 1,
    });
  });

  it("refuses everything that is too short or unknown, and never fails", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 68 }), (bytes) => {
        expect(decodeSwitchReport(bytes)?.type).not.toBe("state");
      }),
    );
  });
});
