import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SwitchParser, encodeSwitchFrame } from "../../../src/protocol/switch/frame.ts";

function parse(...chunks: readonly Uint8Array[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const parser = new SwitchParser((message) => {
    messages.push(message);
  });
  for (const chunk of chunks) parser.push(chunk);
  return messages;
}

const MESSAGE = fc.uint8Array({ maxLength: 300 });

describe("SwitchParser", () => {
  it("gives every message back, wherever the stream is cut", () => {
    fc.assert(
      fc.property(MESSAGE, fc.nat(), (message, seed) => {
        const frame = encodeSwitchFrame(message);
        const cut = seed % (frame.length + 1);
        expect(parse(frame.subarray(0, cut), frame.subarray(cut))).toEqual([message]);
      }),
    );
  });

  it("finds the message behind any noise, and behind a message that lost its end", () => {
    fc.assert(
      fc.property(MESSAGE, fc.uint8Array({ maxLength: 40 }), (message, noise) => {
        const found = parse(noise, encodeSwitchFrame(message));
        expect(found.at(-1)).toEqual(message);
      }),
    );
  });

  it("drops what is too long and goes on", () => {
    const long = encodeSwitchFrame(new Uint8Array(600));
    expect(parse(long, encodeSwitchFrame(Uint8Array.of(7)))).toEqual([Uint8Array.of(7)]);
  });

  it("writes the three marks in their long form", () => {
    expect(encodeSwitchFrame(Uint8Array.of(1, 0xf0, 0xf1, 0xf2, 0xf3))).toEqual(
      Uint8Array.of(0xf1, 1, 0xf0, 0x0f, 0xf0, 0x0e, 0xf0, 0x0d, 0xf3, 0xf2),
    );
  });
});
