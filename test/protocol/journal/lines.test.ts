import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineSplitter } from "../../../src/protocol/journal/lines.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createLineSplitter", () => {
  it("finds the same lines wherever the stream is cut", () => {
    const whole = bytes("first żółć\n\nthird 😀\nrest");
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const splitter = createLineSplitter();
      const lines = [
        ...splitter.push(whole.subarray(0, cut)),
        ...splitter.push(whole.subarray(cut)),
        ...splitter.push(bytes("\n")),
      ];
      expect(lines).toEqual(["first żółć", "", "third 😀", "rest"]);
    }
  });

  it("gives back any lines in any chunks", () => {
    const line = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\n"));
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const stream = bytes(lines.map((text) => `${text}\n`).join(""));
        const splitter = createLineSplitter();
        const found: string[] = [];
        for (let start = 0; start < stream.length; start += size) {
          found.push(...splitter.push(stream.subarray(start, start + size)));
        }
        expect(found).toEqual(lines);
      }),
    );
  });

  it("drops a line beyond the limit and goes on with the next one", () => {
    const splitter = createLineSplitter(8);
    expect(splitter.push(bytes("12345"))).toEqual([]);
    expect(splitter.push(bytes("6789"))).toEqual([]);
    expect(splitter.push(bytes("still\n12345678\n"))).toEqual(["12345678"]);
  });

  it("does not depend on the chunk's memory after the call", () => {
    const splitter = createLineSplitter();
    const chunk = bytes("abc");
    splitter.push(chunk);
    chunk.fill(0x78);
    expect(splitter.push(bytes("\n"))).toEqual(["abc"]);
  });
});
