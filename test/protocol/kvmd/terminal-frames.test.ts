import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeTerminalFrame,
  encodeTerminalOutput,
  encodeTerminalPreferences,
  encodeTerminalTitle,
} from "../../../src/protocol/kvmd/terminal-frames.ts";

const frame = (text: string) => Buffer.from(text);

describe("decodeTerminalFrame", () => {
  it("takes the size from the first message and ignores the token", () => {
    expect(decodeTerminalFrame(frame('{"AuthToken":"x","columns":120,"rows":40}'))).toEqual({
      kind: "hello",
      cols: 120,
      rows: 40,
    });
  });

  it("assumes a usual window where the first message names none", () => {
    expect(decodeTerminalFrame(frame('{"AuthToken":""}'))).toEqual({
      kind: "hello",
      cols: 80,
      rows: 24,
    });
  });

  it("tells input, resize, pause and resume apart", () => {
    expect(
      ["0ls\r", '1{"columns":10,"rows":5}', "2", "3"].map((text) =>
        decodeTerminalFrame(frame(text)),
      ),
    ).toEqual([
      { kind: "input", bytes: frame("ls\r") },
      { kind: "resize", cols: 10, rows: 5 },
      { kind: "pause" },
      { kind: "resume" },
    ]);
  });

  it.each([
    ['{"columns":0,"rows":-3}', { kind: "hello", cols: 80, rows: 24 }],
    ['{"columns":1e9,"rows":1.5}', { kind: "hello", cols: 1000, rows: 24 }],
    ['{"columns":"90","rows":null}', { kind: "hello", cols: 80, rows: 24 }],
  ])("brings the sizes of %s into range", (text, expected) => {
    expect(decodeTerminalFrame(frame(text))).toEqual(expected);
  });

  it.each(["", "9", "1", "1[1,2]", "1{", "{", "[1]", `{"columns":1,"x":"${"y".repeat(5000)}"}`])(
    "ignores %s",
    (text) => {
      expect(decodeTerminalFrame(frame(text))).toBeUndefined();
    },
  );

  it("survives every sequence of bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => decodeTerminalFrame(bytes)).not.toThrow();
      }),
    );
  });

  it("gives every input back byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const decoded = decodeTerminalFrame(encodeTerminalOutput(bytes));
        expect(decoded).toEqual({ kind: "input", bytes });
      }),
    );
  });
});

describe("the server's frames", () => {
  it("begin with the command that ttyd's page knows", () => {
    const texts = [
      encodeTerminalOutput(frame("x")),
      encodeTerminalTitle("t"),
      encodeTerminalPreferences({ a: 1 }),
    ];
    expect(texts.map((bytes) => Buffer.from(bytes).toString())).toEqual(["0x", "1t", '2{"a":1}']);
  });
});
