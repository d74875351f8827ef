import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../../src/core/bytes.ts";
import type { NezhaCodec } from "../../../src/protocol/nezha/codec.ts";
import { EMPTY_HOST, EMPTY_STATE } from "../../../src/protocol/nezha/messages.ts";
import type { NezhaHost, NezhaState } from "../../../src/protocol/nezha/messages.ts";
import { ioDataCodec, taskCodec, taskResultCodec } from "../../../src/protocol/nezha/shared.ts";
import { geoIpCodecV0, hostCodecV0, stateCodecV0 } from "../../../src/protocol/nezha/v0.ts";
import { geoIpCodecV1, hostCodecV1, stateCodecV1 } from "../../../src/protocol/nezha/v1.ts";
import { ProtobufError } from "../../../src/protocol/protobuf/reader.ts";

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const real = fc.double({ noNaN: true }).map((value) => value + 0 || 0);
const words = fc.string({ unit: "grapheme" });
const wordLists = fc.array(words, { maxLength: 4 });

const host: fc.Arbitrary<NezhaHost> = fc.record({
  platform: words,
  platformVersion: words,
  cpu: wordLists,
  memTotal: whole,
  diskTotal: whole,
  swapTotal: whole,
  arch: words,
  virtualization: words,
  bootTime: whole,
  ip: words,
  countryCode: words,
  version: words,
  gpu: wordLists,
});
const state: fc.Arbitrary<NezhaState> = fc.record({
  cpu: real,
  memUsed: whole,
  swapUsed: whole,
  diskUsed: whole,
  netInTransfer: whole,
  netOutTransfer: whole,
  netInSpeed: whole,
  netOutSpeed: whole,
  uptime: whole,
  load1: real,
  load5: real,
  load15: real,
  tcpConnCount: whole,
  udpConnCount: whole,
  processCount: whole,
  temperatures: fc.array(fc.record({ name: words, temperature: real }), { maxLength: 4 }),
  gpu: fc.array(real, { maxLength: 4 }),
});
const ALL: readonly NezhaCodec<unknown>[] = [
  hostCodecV0,
  hostCodecV1,
  stateCodecV0,
  stateCodecV1,
  geoIpCodecV0,
  geoIpCodecV1,
  taskCodec,
  taskResultCodec,
  ioDataCodec,
];

function outcomeOf(codec: NezhaCodec<unknown>, bytes: Uint8Array): unknown {
  try {
    codec.decode(bytes);
    return "understood";
  } catch (error) {
    return error instanceof ProtobufError ? "understood" : error;
  }
}

describe("Nezha codec", () => {
  it("reads back every host of v0", () => {
    fc.assert(
      fc.property(host, (value) => {
        expect(hostCodecV0.decode(hostCodecV0.encode(value))).toEqual(value);
      }),
    );
  });

  it("reads back every host of v1, which has no room for addresses", () => {
    fc.assert(
      fc.property(host, (value) => {
        const expected = { ...value, ip: "", countryCode: "" };
        expect(hostCodecV1.decode(hostCodecV1.encode(value))).toEqual(expected);
      }),
    );
  });

  it("reads back every state of v1", () => {
    fc.assert(
      fc.property(state, (value) => {
        expect(stateCodecV1.decode(stateCodecV1.encode(value))).toEqual(value);
      }),
    );
  });

  it("reads back every state of v0, which has room for one GPU", () => {
    fc.assert(
      fc.property(state, (value) => {
        const load = value.gpu[0] ?? 0;
        const expected = { ...value, gpu: load === 0 ? [] : [load] };
        expect(stateCodecV0.decode(stateCodecV0.encode(value))).toEqual(expected);
      }),
    );
  });

  it("writes nothing for an empty message", () => {
    expect(hostCodecV1.encode(EMPTY_HOST)).toHaveLength(0);
    expect(stateCodecV0.encode(EMPTY_STATE)).toHaveLength(0);
    expect(stateCodecV0.decode(new Uint8Array())).toEqual(EMPTY_STATE);
  });

  it("turns what is no number into zero and what is too large into the largest", () => {
    const encode = (id: number): number =>
      taskCodec.decode(taskCodec.encode({ id, type: 0, data: "" })).id;
    expect([Number.NaN, -1, 0.5, 7.9].map(encode)).toEqual([0, 0, 0, 7]);
    expect(encode(Number.POSITIVE_INFINITY)).toBe(2 ** 64 - 2048);
  });

  it("reads a counter just below 2^64 as the nearest number", () => {
    expect(taskCodec.decode(fromHex("08ffffffffffffffffff01")).id).toBe(2 ** 64);
  });

  it("skips unknown fields and known fields of another wire type", () => {
    const unknown = fromHex("9806 05 9906 0102030405060708 9a06 02 6162 9d06 01020304");
    const wrong = fromHex("0a 01 61");
    const task = taskCodec.encode({ id: 4, type: 2, data: "x" });
    expect(taskCodec.decode(concatBytes(unknown, wrong, task))).toEqual({
      id: 4,
      type: 2,
      data: "x",
    });
  });

  it("lets the last of repeated occurrences win", () => {
    expect(taskCodec.decode(fromHex("0801 0802")).id).toBe(2);
  });

  it("refuses groups, field number 0 and endless numbers", () => {
    for (const bytes of ["0b", "0c", "0000", "08ffffffffffffffffffff01"]) {
      expect(() => taskCodec.decode(fromHex(bytes))).toThrow(ProtobufError);
    }
  });

  it("refuses every message that is cut inside its last field", () => {
    const full = taskCodec.encode({ id: 300, type: 3, data: "example.com:443" });
    for (let length = 6; length < full.length; length += 1) {
      expect(() => taskCodec.decode(full.subarray(0, length))).toThrow(ProtobufError);
    }
  });

  it("either reads arbitrary bytes or refuses them with its own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const codec of ALL) expect(outcomeOf(codec, bytes)).toBe("understood");
      }),
    );
  });

  it("writes valid text for half a surrogate pair", () => {
    expect(taskCodec.decode(taskCodec.encode({ id: 0, type: 0, data: "\ud800" })).data).toBe(
      "\ufffd",
    );
  });
});
