import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  encodeLegacyResponse,
  encodeMcuResponse,
  McuResponseParser,
} from "../../../src/protocol/mcu-hid/responses.ts";
import type { McuPong, McuResponse } from "../../../src/protocol/mcu-hid/responses.ts";

const EXAMPLE = fromHex("34 80 89 01 00 00 2d 7e");
const EXAMPLE_PONG: McuPong = {
  capsLock: false,
  scrollLock: false,
  numLock: false,
  keyboardOnline: true,
  mouseOnline: true,
  resetRequired: false,
  outputs: { keyboard: 1, mouse: 0x08, hasUsb: true, hasPs2: false, hasWin98: false },
};

interface Collected {
  readonly parser: McuResponseParser;
  readonly responses: McuResponse[];
  readonly noise: number[];
}

function collect(): Collected {
  const responses: McuResponse[] = [];
  const noise: number[] = [];
  const parser = new McuResponseParser(
    (response) => {
      responses.push(response);
    },
    (length) => {
      noise.push(length);
    },
  );
  return { parser, responses, noise };
}

function parseAll(bytes: Uint8Array): McuResponse[] {
  const { parser, responses } = collect();
  parser.push(bytes);
  return responses;
}

const flags = {
  capsLock: fc.boolean(),
  scrollLock: fc.boolean(),
  numLock: fc.boolean(),
  keyboardOnline: fc.boolean(),
  mouseOnline: fc.boolean(),
  resetRequired: fc.boolean(),
};
const outputs = fc.record({
  keyboard: fc.constantFrom(0, 1, 3),
  mouse: fc.constantFrom(0, 0x08, 0x10, 0x18, 0x20),
  hasUsb: fc.boolean(),
  hasPs2: fc.boolean(),
  hasWin98: fc.boolean(),
});
const pong: fc.Arbitrary<McuPong> = fc.record(
  { ...flags, outputs, connected: fc.boolean() },
  {
    requiredKeys: [
      "capsLock",
      "scrollLock",
      "numLock",
      "keyboardOnline",
      "mouseOnline",
      "resetRequired",
      "outputs",
    ],
  },
);

describe("MCU responses", () => {
  it("encode and parse the document's example", () => {
    const response: McuResponse = { type: "pong", pong: EXAMPLE_PONG };
    expect(toHex(encodeMcuResponse(response))).toBe(toHex(EXAMPLE));
    expect(parseAll(EXAMPLE)).toEqual([response]);
  });

  it("keep every flag of the state apart", () => {
    fc.assert(
      fc.property(pong, (value) => {
        expect(parseAll(encodeMcuResponse({ type: "pong", pong: value }))).toEqual([
          { type: "pong", pong: value },
        ]);
      }),
    );
  });

  it("put caps lock first, unlike USB", () => {
    const bytes = encodeMcuResponse({ type: "pong", pong: { ...EXAMPLE_PONG, capsLock: true } });
    expect(bytes[1]).toBe(0x81);
  });

  it("ignore the outputs of a board that cannot change them", () => {
    const { outputs: _, ...plain } = EXAMPLE_PONG;
    const response: McuResponse = { type: "pong", pong: plain };
    expect(parseAll(encodeMcuResponse(response))).toEqual([response]);
  });

  it.each([
    [0x20, "legacyOk"],
    [0x24, "none"],
    [0x40, "crc"],
    [0x45, "invalid"],
    [0x48, "timeout"],
  ] as const)("tell code %i in both forms", (code, type) => {
    expect(parseAll(encodeLegacyResponse(code))).toEqual([{ type }]);
    expect(parseAll(encodeMcuResponse({ type }))).toEqual([{ type }]);
  });

  it("keep codes that the document does not know", () => {
    const response: McuResponse = { type: "unknown", code: 0x33 };
    expect(parseAll(encodeMcuResponse(response))).toEqual([response]);
  });
});

describe("McuResponseParser", () => {
  it("finds a response split at every point", () => {
    for (let at = 0; at <= EXAMPLE.length; at += 1) {
      const { parser, responses } = collect();
      parser.push(EXAMPLE.subarray(0, at));
      parser.push(EXAMPLE.subarray(at));
      expect(responses).toEqual([{ type: "pong", pong: EXAMPLE_PONG }]);
    }
  });

  it("finds glued responses of both forms behind and between garbage", () => {
    const { parser, responses, noise } = collect();
    const garbage = Uint8Array.from({ length: 100 }, (_, index) => index + 0x80);
    parser.push(concatBytes(garbage, encodeLegacyResponse(0x20), EXAMPLE, garbage, EXAMPLE));
    expect(responses.map((response) => response.type)).toEqual(["legacyOk", "pong", "pong"]);
    expect(noise.reduce((total, length) => total + length, 0)).toBe(200);
  });

  it("never delivers a response with a flipped bit and finds the one behind it", () => {
    for (let bit = 0; bit < EXAMPLE.length * 8; bit += 1) {
      const broken = EXAMPLE.slice();
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { parser, responses } = collect();
      parser.push(broken);
      parser.push(encodeLegacyResponse(0x20));
      parser.expire();
      expect(responses).toEqual([{ type: "legacyOk" }]);
    }
  });

  it("gives up on an incomplete response only when told, and finds what hid in it", () => {
    const { parser, responses, noise } = collect();
    parser.push(concatBytes(Uint8Array.of(0x34), encodeLegacyResponse(0x24)));
    expect(responses).toEqual([]);
    expect(parser.pending).toBe(5);
    parser.expire();
    expect(responses).toEqual([{ type: "none" }]);
    expect(noise).toEqual([1]);
  });

  it("accounts for every byte of arbitrary input and holds at most 64", () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0x33, 0x34, 0x20), { maxLength: 200 }),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const { parser, responses, noise } = collect();
        let total = 0;
        for (const bytes of chunks) {
          parser.push(Uint8Array.from(bytes));
          total += bytes.length;
          expect(parser.pending).toBeLessThanOrEqual(64);
        }
        parser.expire();
        expect(parser.pending).toBe(0);
        const noisy = noise.reduce((sum, length) => sum + length, 0);
        const lengths = [4, 8].map((length) => noisy + length * responses.length);
        expect(total).toBeGreaterThanOrEqual(Math.min(...lengths));
        expect(total).toBeLessThanOrEqual(Math.max(...lengths));
      }),
    );
  });
});
