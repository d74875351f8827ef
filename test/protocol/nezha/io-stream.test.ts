import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attachFrame,
  attachedStream,
  inputFrame,
  parseTerminalFrame,
  resizeFrame,
  streamIdOf,
  streamTaskData,
} from "../../../src/protocol/nezha/io-stream.ts";
import { NezhaFormatError } from "../../../src/protocol/nezha/format-error.ts";

describe("Nezha IOStream", () => {
  it("names its stream in the first frame", () => {
    expect(attachedStream(attachFrame("4f0c"))).toBe("4f0c");
  });

  it("does not take another frame for the first", () => {
    for (const bytes of [[], [0xff, 0x05, 0xff, 0x05], [0xff, 0x05, 0xff, 0x06, 0x61]]) {
      expect(attachedStream(Uint8Array.from(bytes))).toBeUndefined();
    }
  });

  it("carries keyboard bytes unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const frame = parseTerminalFrame(inputFrame(bytes));
        expect(frame.kind === "input" && [...frame.bytes]).toEqual([...bytes]);
      }),
    );
  });

  it("carries the size of the window", () => {
    expect(parseTerminalFrame(resizeFrame(132, 43))).toEqual({
      kind: "resize",
      cols: 132,
      rows: 43,
    });
  });

  it("ignores sizes that no terminal has", () => {
    for (const size of [
      '{"Rows":0,"Cols":80}',
      '{"Rows":24,"Cols":1001}',
      '{"Rows":24.5,"Cols":80}',
      '{"Rows":"24","Cols":80}',
      '{"Cols":80}',
      "null",
      "{",
    ]) {
      const frame = new TextEncoder().encode(`\u0001${size}`);
      expect(parseTerminalFrame(frame)).toEqual({ kind: "unknown" });
    }
  });

  it("takes an empty frame for a sign of life and ignores unknown ones", () => {
    expect(parseTerminalFrame(new Uint8Array())).toEqual({ kind: "keepalive" });
    expect(parseTerminalFrame(Uint8Array.of(2, 3))).toEqual({ kind: "unknown" });
  });

  it("finds the stream of a task whatever the case of its name", () => {
    expect(streamIdOf(streamTaskData("ab-1"))).toBe("ab-1");
    expect(streamIdOf('{"streamid":"ab-2","Host":"127.0.0.1:80"}')).toBe("ab-2");
    expect(streamIdOf('{"stream_id":"ab-3","op":"upload"}')).toBe("ab-3");
  });

  it("refuses a task without a stream", () => {
    for (const data of ["", "{}", "null", "[]", '{"StreamID":""}', '{"StreamID":4}']) {
      expect(() => streamIdOf(data)).toThrow(NezhaFormatError);
    }
  });
});
