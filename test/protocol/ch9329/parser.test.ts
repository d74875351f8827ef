import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../../src/core/bytes.ts";
import { encodeRequest } from "../../../src/protocol/ch9329/commands.ts";
import { encodeFrame, HEADER_FIRST, sumOf } from "../../../src/protocol/ch9329/frame.ts";
import type { Ch9329Frame } from "../../../src/protocol/ch9329/frame.ts";
import { Ch9329Parser } from "../../../src/protocol/ch9329/parser.ts";
import type { Ch9329ParserResult } from "../../../src/protocol/ch9329/parser.ts";

interface Collected {
  readonly parser: Ch9329Parser;
  readonly results: Ch9329ParserResult[];
  frames(): Ch9329Frame[];
}

function collect(): Collected {
  const results: Ch9329ParserResult[] = [];
  return {
    parser: new Ch9329Parser((result) => {
      results.push(result);
    }),
    results,
    frames: () => results.flatMap((result) => (result.type === "frame" ? [result.frame] : [])),
  };
}

/** Bytes that the results account for; frames of the documented lengths only. */
function accounted(results: readonly Ch9329ParserResult[]): number {
  let total = 0;
  for (const result of results) {
    if (result.type === "frame") total += result.frame.data.length + 6;
    else total += result.type === "noise" ? result.length : 2;
  }
  return total;
}

/** A parameter answer of the CH9329F: LEN says `stated`, `whole` bytes in all, the sum at the true end. */
function parametersReply(whole: number, stated: number): Uint8Array {
  const bytes = Uint8Array.from({ length: whole }, (_, index) => (index * 7) & 0xff);
  bytes.set([0x57, 0xab, 0x00, 0x88, stated]);
  bytes[whole - 1] = sumOf(bytes, 0, whole - 1);
  return bytes;
}

const KEY = encodeRequest({ type: "keyboard", modifiers: 2, keys: [4, 5] });
const INFO = fromHex("57 ab 00 81 08 38 01 00 00 00 00 00 00 c4");
const DONE = fromHex("57 ab 00 82 01 00 85");
const anyFrame = fc.record({
  address: fc.integer({ min: 0, max: 255 }),
  command: fc.integer({ min: 0, max: 255 }).filter((command) => command !== 0x88),
  data: fc.uint8Array({ maxLength: 64 }),
});
const encode = (frame: Ch9329Frame): Uint8Array =>
  encodeFrame(frame.command, frame.data, frame.address);

describe("Ch9329Parser", () => {
  it.each([
    ["request", KEY],
    ["answer", INFO],
    ["long answer", parametersReply(88, 50)],
  ])("finds a %s split at every point", (_name, bytes) => {
    for (let at = 0; at <= bytes.length; at += 1) {
      const { parser, results } = collect();
      parser.push(bytes.subarray(0, at));
      parser.push(bytes.subarray(at));
      expect(results).toMatchObject([{ type: "frame", frame: { command: bytes[3] } }]);
      expect(parser.pending).toBe(0);
    }
  });

  it("finds glued frames whatever the chunks are", () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (frames, sizes) => {
          const { parser, results, frames: found } = collect();
          const stream = concatBytes(...frames.map(encode));
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            parser.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(found()).toEqual(frames);
          expect(results).toHaveLength(frames.length);
        },
      ),
    );
  });

  it("finds every frame between garbage that holds no header", () => {
    const garbage = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => bytes.filter((value) => value !== HEADER_FIRST));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(garbage, anyFrame), { minLength: 1, maxLength: 6 }),
        (parts) => {
          const { parser, results, frames } = collect();
          const stream = concatBytes(...parts.flatMap(([noise, frame]) => [noise, encode(frame)]));
          parser.push(stream);
          expect(frames()).toEqual(parts.map(([, frame]) => frame));
          expect(accounted(results)).toBe(stream.length);
        },
      ),
    );
  });

  it("accounts for every byte of arbitrary input and holds at most 256", () => {
    const nasty = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(fc.constantFrom(0x57, 0xab, 0x00, 0x82, 0x08, 0x40), { maxLength: 400 }),
    );
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 8 }), (chunks) => {
        const { parser, results } = collect();
        let total = 0;
        for (const chunk of chunks) {
          parser.push(Uint8Array.from(chunk));
          total += chunk.length;
          expect(parser.pending).toBeLessThanOrEqual(256);
          expect(accounted(results) + parser.pending).toBe(total);
        }
        parser.expire();
        expect(parser.pending).toBe(0);
        expect(accounted(results)).toBe(total);
      }),
    );
  });

  it.each([
    ["answer", INFO],
    ["status", DONE],
    ["long answer", parametersReply(56, 50)],
  ])("never delivers an %s with a flipped bit and finds the frame behind it", (_name, bytes) => {
    for (let index = 0; index < bytes.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const broken = bytes.slice();
        broken[index] = (broken[index] ?? 0) ^ (1 << bit);
        const { parser, frames } = collect();
        parser.push(broken);
        parser.push(DONE);
        parser.expire();
        expect(frames()).toEqual([{ address: 0, command: 0x82, data: Uint8Array.of(0) }]);
      }
    }
  });

  it("reports a wrong sum with the command that it belongs to", () => {
    const { parser, results } = collect();
    const broken = KEY.slice();
    broken[broken.length - 1] = 0;
    parser.push(broken);
    expect(results).toEqual([
      { type: "badSum", command: 0x02 },
      { type: "noise", length: 12 },
    ]);
  });

  it("refuses a length that no frame can have without waiting for it", () => {
    const { parser, results } = collect();
    parser.push(fromHex("57 ab 00 82 41"));
    parser.push(DONE);
    expect(results.map((result) => result.type)).toEqual(["badSum", "noise", "frame"]);
  });

  it("waits for the rest of a frame and gives it up only when told", () => {
    const { parser, results } = collect();
    parser.push(KEY.subarray(0, 8));
    expect(results).toEqual([]);
    expect(parser.pending).toBe(8);
    parser.expire();
    expect(results).toEqual([
      { type: "truncated", command: 0x02 },
      { type: "noise", length: 6 },
    ]);
    parser.push(DONE);
    expect(results.at(-1)).toMatchObject({ type: "frame", frame: { command: 0x82 } });
  });

  it("delivers a frame that hides behind the header of a broken one when told that the line is silent", () => {
    const { parser, frames } = collect();
    parser.push(fromHex("57 ab 00 82 20"));
    parser.push(DONE);
    expect(frames()).toEqual([]);
    parser.expire();
    expect(frames()).toMatchObject([{ command: 0x82 }]);
  });

  it("calls a last byte that might begin a header noise when told that the line is silent", () => {
    const { parser, results } = collect();
    parser.push(Uint8Array.of(0x57));
    expect(parser.pending).toBe(1);
    parser.expire();
    expect(results).toEqual([{ type: "noise", length: 1 }]);
  });

  it("does not know the command of a frame that ended before it", () => {
    const { parser, results } = collect();
    parser.push(fromHex("57 ab 00"));
    parser.expire();
    expect(results[0]).toEqual({ type: "truncated", command: 0 });
  });

  it.each([
    [56, 50],
    [72, 50],
    [88, 50],
    [72, 66],
    [88, 82],
  ])("accepts a parameter answer of %i bytes whose length byte says %i", (whole, stated) => {
    const { parser, results } = collect();
    parser.push(concatBytes(parametersReply(whole, stated), DONE));
    expect(results).toMatchObject([
      { type: "frame", frame: { command: 0x88 } },
      { type: "frame", frame: { command: 0x82 } },
    ]);
    expect(results[0]).toHaveProperty("frame.data.length", whole - 6);
  });

  it("gives up on a parameter answer that fits none of the known lengths", () => {
    const { parser, results } = collect();
    const broken = parametersReply(88, 50);
    broken[87] = (broken[87] ?? 0) ^ 1;
    parser.push(broken);
    expect(results[0]).toEqual({ type: "badSum", command: 0x88 });
    expect(accounted(results) + parser.pending).toBe(88);
  });

  it("does not take frames behind a broken parameter answer for its longer form", () => {
    const { parser, frames } = collect();
    const broken = parametersReply(56, 50);
    broken[55] = (broken[55] ?? 0) ^ 1;
    parser.push(concatBytes(broken, DONE, INFO));
    expect(frames().map((frame) => frame.command)).toEqual([0x82, 0x81]);
  });

  it("refuses a parameter answer longer than any known", () => {
    const { parser, results } = collect();
    parser.push(fromHex("57 ab 00 88 53"));
    expect(results[0]).toEqual({ type: "badSum", command: 0x88 });
  });
});
