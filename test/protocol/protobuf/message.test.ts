import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../src/core/bytes.ts";
import {
  bool,
  bytes,
  double,
  int64,
  map,
  message,
  optional,
  repeated,
  repeatedStrings,
  string,
  uint32,
  uint64,
} from "../../../src/protocol/protobuf/message.ts";
import { ProtobufError } from "../../../src/protocol/protobuf/reader.ts";

const Inner = message("test.Inner", { text: string(1), count: uint32(2) });
const Outer = message("test.Outer", {
  text: string(1),
  flag: bool(2),
  small: uint32(3),
  large: uint64(4),
  signed: int64(5),
  ratio: double(6),
  data: bytes(7),
  inner: optional(8, Inner),
  inners: repeated(9, Inner),
  names: repeatedStrings(10),
  totals: map(11, int64),
});

const innerArbitrary = fc.record({
  text: fc.string({ unit: "grapheme" }),
  count: fc.nat(0xffff_ffff),
});
const outerArbitrary = fc.record({
  text: fc.string({ unit: "grapheme" }),
  flag: fc.boolean(),
  small: fc.nat(0xffff_ffff),
  large: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  signed: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ratio: fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  data: fc.uint8Array({ maxLength: 300 }),
  inner: fc.option(innerArbitrary, { nil: undefined }),
  inners: fc.array(innerArbitrary),
  names: fc.array(fc.string({ unit: "grapheme" })),
  totals: fc
    .array(fc.tuple(fc.string(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })))
    .map((entries) => new Map(entries)),
});

function failureOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("message", () => {
  it("reads what it has written", () => {
    fc.assert(
      fc.property(outerArbitrary, (value) => {
        expect(Outer.decode(Outer.encode(value))).toEqual(value);
      }),
    );
  });

  it("writes nothing for defaults, but an empty part is there", () => {
    expect(Outer.encode(Outer.create())).toHaveLength(0);
    expect(Outer.encode({ inner: Inner.create() })).toEqual(fromHex("42 00"));
    expect(Outer.decode(fromHex("42 00")).inner).toEqual({ text: "", count: 0 });
    expect(Outer.decode(new Uint8Array(0)).inner).toBeUndefined();
  });

  it("skips fields that it does not know, of every wire type", () => {
    const unknown = "98 06 96 01 99 06 0102030405060708 9a 06 03 aabbcc 9d 06 01020304";
    expect(Outer.decode(fromHex(`${unknown} 0a 02 6869`)).text).toBe("hi");
  });

  it("skips a field of another wire type than its own", () => {
    expect(Outer.decode(fromHex("08 05 10 01"))).toMatchObject({ text: "", flag: true });
  });

  it("takes the last of several occurrences and gathers repeated ones", () => {
    const value = Outer.decode(fromHex("0a 01 61 0a 01 62 52 01 78 52 01 79"));
    expect(value).toMatchObject({ text: "b", names: ["x", "y"] });
  });

  it("keeps numbers of 64 bits exact", () => {
    const value = { large: 2n ** 64n - 1n, signed: -1n };
    expect(Outer.decode(Outer.encode(value))).toMatchObject(value);
  });

  it("never shares lists between messages", () => {
    const [left, right] = [Outer.decode(fromHex("52 01 78")), Outer.decode(new Uint8Array(0))];
    expect([left.names, right.names]).toEqual([["x"], []]);
  });

  it.each([
    ["a text cut off", "0a 05 6869"],
    ["a varint without an end", "18 ff ff ff ff ff ff ff ff ff ff ff"],
    ["a number cut off", "18 80"],
    ["a double cut off", "31 00 00"],
    ["a field without a number", "00 00"],
    ["a group", "0b"],
    ["a text that is no UTF-8", "0a 01 ff"],
    ["a part that is itself broken", "42 02 0a 05"],
  ])("refuses %s", (_what, hex) => {
    expect(() => Outer.decode(fromHex(hex))).toThrow(ProtobufError);
  });

  it("answers any bytes with a message or a ProtobufError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (garbage) => {
        const failure = failureOf(() => {
          Outer.encode(Outer.decode(garbage));
        });
        expect(failure === undefined || failure instanceof ProtobufError).toBe(true);
      }),
    );
  });
});
