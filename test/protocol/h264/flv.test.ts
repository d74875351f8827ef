import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlvError, FlvParser } from "../../../src/protocol/h264/flv.ts";
import type { AccessUnit } from "../../../src/protocol/h264/flv.ts";

const HEAD = Buffer.from("464c5601010000000900000000", "hex");
const SPS = Buffer.from("6742c01e", "hex");
const PPS = Buffer.from("68ce3c80", "hex");

function tag(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  const back = Buffer.alloc(4);
  back.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, body, back]);
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

const CONFIGURATION = tag(
  9,
  Buffer.concat([
    Buffer.from("170000000001", "hex"),
    SPS.subarray(1, 4),
    Buffer.from("ffe1", "hex"),
    u16(SPS.length),
    SPS,
    Buffer.from([1]),
    u16(PPS.length),
    PPS,
  ]),
);

function picture(isKey: boolean, ...units: readonly Uint8Array[]): Buffer {
  const sized = units.flatMap((unit) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(unit.length);
    return [length, unit];
  });
  const head = Buffer.from(isKey ? "1701000000" : "2701000000", "hex");
  return tag(9, Buffer.concat([head, ...sized]));
}

function parse(chunks: readonly Uint8Array[]): readonly AccessUnit[] {
  const units: AccessUnit[] = [];
  const parser = new FlvParser((unit) => void units.push(unit));
  for (const chunk of chunks) parser.push(chunk);
  return units;
}

const hex = ({ data }: AccessUnit): string => Buffer.from(data).toString("hex");

describe("FlvParser", () => {
  const IDR = Buffer.from("65888400", "hex");
  const DELTA = Buffer.from("419a", "hex");

  it("puts the parameter sets before a key frame and start codes before every unit", () => {
    const units = parse([HEAD, CONFIGURATION, picture(true, IDR), picture(false, DELTA, DELTA)]);
    expect(units.map(({ isKey }) => isKey)).toEqual([true, false]);
    expect(units.map(hex)).toEqual([
      "000000016742c01e0000000168ce3c800000000165888400",
      "00000001419a00000001419a",
    ]);
  });

  it("delivers a picture with its last byte, however the stream is cut", () => {
    const stream = Buffer.concat([
      HEAD,
      tag(18, Buffer.from("script")),
      CONFIGURATION,
      picture(true, IDR),
      picture(false, DELTA),
      picture(true, IDR),
    ]);
    const whole = parse([stream]).map(hex);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        expect(parse(chunks).map(hex)).toEqual(whole);
      }),
    );
  });

  it.each([
    ["what is no FLV", [Buffer.from("RIFF0000000000000")]],
    ["another codec", [HEAD, tag(9, Buffer.from("1200000000aa", "hex"))]],
    ["a unit longer than its picture", [HEAD, tag(9, Buffer.from("170100000000000009aa", "hex"))]],
    ["a tag that is too long", [HEAD, Buffer.from("09ffffff00000000000000", "hex")]],
  ])("refuses %s", (_, chunks) => {
    expect(() => parse(chunks)).toThrow(FlvError);
  });
});
