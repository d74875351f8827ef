import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { decodeFrame } from "../../../src/protocol/ch9329/frame.ts";
import { encodeReply, parseReply } from "../../../src/protocol/ch9329/replies.ts";
import type { Ch9329Reply } from "../../../src/protocol/ch9329/replies.ts";

function parseBytes(bytes: Uint8Array): Ch9329Reply {
  const frame = decodeFrame(bytes);
  if (frame === undefined) throw new Error(`no frame: ${toHex(bytes)}`);
  return parseReply(frame);
}

const REPLIES: readonly (readonly [name: string, hex: string, reply: Ch9329Reply])[] = [
  [
    "information",
    "57 ab 00 81 08 38 01 00 00 00 00 00 00 c4",
    {
      type: "info",
      command: 0x01,
      info: { version: 0x38, hostReady: true, numLock: false, capsLock: false, scrollLock: false },
    },
  ],
  ["success of a keyboard report", "57 ab 00 82 01 00 85", { type: "done", command: 0x02 }],
  [
    "a wrong sum of a relative report",
    "57 ab 00 c5 01 e4 ac",
    { type: "failed", command: 0x05, status: 0xe4 },
  ],
  [
    "a failed absolute report",
    "57 ab 00 c4 01 e6 ad",
    { type: "failed", command: 0x04, status: 0xe6 },
  ],
];

describe("CH9329 replies", () => {
  it.each(REPLIES)("encodes %s as the document's bytes", (_name, hex, reply) => {
    expect(toHex(encodeReply(reply))).toBe(hex);
  });

  it.each(REPLIES)("parses %s from the document's bytes", (_name, hex, reply) => {
    expect(parseBytes(fromHex(hex))).toEqual(reply);
  });

  it("keeps strings, parameters and custom data over a round trip", () => {
    const text = fc.uint8Array({ maxLength: 23 });
    const reply: fc.Arbitrary<Ch9329Reply> = fc.oneof(
      fc.record({
        type: fc.constant("usbString" as const),
        command: fc.constant(0x0a as const),
        kind: fc.integer({ min: 0, max: 2 }),
        text,
      }),
      fc.record({
        type: fc.constant("parameters" as const),
        command: fc.constant(0x08 as const),
        data: fc.uint8Array({ minLength: 50, maxLength: 50 }),
      }),
      fc.record({
        type: fc.constant("customHidIn" as const),
        command: fc.constant(0x07 as const),
        data: fc.uint8Array({ maxLength: 64 }),
      }),
    );
    fc.assert(
      fc.property(reply, (value) => {
        expect(parseBytes(encodeReply(value))).toEqual(value);
      }),
    );
  });

  it("hands only the 50 documented bytes of a longer parameter block upward", () => {
    const data = Uint8Array.from({ length: 66 }, (_, index) => index);
    expect(parseReply({ address: 0, command: 0x88, data })).toEqual({
      type: "parameters",
      command: 0x08,
      data: data.slice(0, 50),
    });
  });

  it("counts a success answer with an error status as failed", () => {
    const reply = parseReply({ address: 0, command: 0x82, data: Uint8Array.of(0xe5) });
    expect(reply).toEqual({ type: "failed", command: 0x02, status: 0xe5 });
  });

  it.each([
    ["a request", 0x02, [0]],
    ["a short information answer", 0x81, [0x38, 1]],
    ["a short parameter block", 0x88, [1, 2, 3]],
    ["a string shorter than it says", 0x8a, [0, 5, 65]],
    ["an empty string answer", 0x8a, []],
    ["an error without a status", 0xc2, []],
    ["an answer with data where a status belongs", 0x82, [0, 0]],
  ])("calls %s unknown and keeps its bytes", (_name, command, bytes) => {
    const data = Uint8Array.from(bytes);
    const reply = parseReply({ address: 0, command, data });
    expect(reply).toEqual({ type: "unknown", command, data });
    expect(parseBytes(encodeReply(reply))).toEqual(reply);
  });
});
