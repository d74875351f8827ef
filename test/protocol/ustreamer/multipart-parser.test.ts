import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boundaryOf,
  MultipartError,
  MultipartParser,
} from "../../../src/protocol/ustreamer/multipart-parser.ts";

const BOUNDARY = "boundarydonotcross";

interface Part {
  readonly body: Uint8Array;
  readonly isSized: boolean;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function encode(parts: readonly Part[]): Uint8Array {
  const chunks = [text(`--${BOUNDARY}\r\n`)];
  for (const { body, isSized } of parts) {
    const length = isSized ? `Content-Length: ${body.length}\r\n` : "";
    chunks.push(text(`Content-Type: image/jpeg\r\n${length}X-Timestamp: 1.5\r\n\r\n`));
    chunks.push(body, text(`\r\n--${BOUNDARY}\r\n`));
  }
  return Buffer.concat(chunks);
}

function parse(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const bodies: Uint8Array[] = [];
  const parser = new MultipartParser(BOUNDARY, (_headers, body) => {
    bodies.push(body.slice());
  });
  for (const chunk of chunks) parser.push(chunk);
  return bodies;
}

/** Pictures with pieces of the delimiter inside, but never all of it: without a length that would end the picture. */
const bodies = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(text("\r\n"), text("\r\n--"), text(`\r\n--${BOUNDARY.slice(0, -1)}`)),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)))
  .filter((body) => !Buffer.from(body).includes(`\r\n--${BOUNDARY}`));

const parts = fc.array(fc.record({ body: bodies, isSized: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
});

describe("MultipartParser", () => {
  it("delivers the same pictures however the stream is cut, with and without announced lengths", () => {
    fc.assert(
      fc.property(parts, fc.array(fc.integer({ min: 1, max: 60 })), (given, cuts) => {
        const stream = encode(given);
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(stream.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(stream.subarray(at));
        const expected = given.map(({ body }) => Buffer.from(body).toString("hex"));
        expect(parse(chunks).map((body) => Buffer.from(body).toString("hex"))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("delivers a sized picture with its last byte", () => {
    const body = text("picture");
    const stream = encode([{ body, isSized: true }]);
    const end = Buffer.from(stream).indexOf("picture") + body.length;
    expect(parse([stream.subarray(0, end)])).toEqual([body]);
    expect(parse([stream.subarray(0, end - 1)])).toEqual([]);
  });

  it("tells the headers in lower case", () => {
    let seen = new Map<string, string>();
    const parser = new MultipartParser(BOUNDARY, (headers) => {
      seen = new Map(headers);
    });
    parser.push(encode([{ body: text("x"), isSized: true }]));
    expect(Object.fromEntries(seen)).toEqual({
      "content-type": "image/jpeg",
      "content-length": "1",
      "x-timestamp": "1.5",
    });
  });

  it("does not keep the chunks it is given", () => {
    const stream = encode([{ body: text("picture"), isSized: false }]);
    const bodies: Uint8Array[] = [];
    const parser = new MultipartParser(BOUNDARY, (_headers, body) => {
      bodies.push(body);
    });
    const chunk = new Uint8Array(10);
    for (let at = 0; at < stream.length; at += chunk.length) {
      const piece = stream.subarray(at, at + chunk.length);
      chunk.fill(0);
      chunk.set(piece);
      parser.push(chunk.subarray(0, piece.length));
    }
    expect(bodies).toEqual([text("picture")]);
  });

  const limited = () =>
    new MultipartParser(BOUNDARY, () => undefined, { maxHeaderBytes: 100, maxBodyBytes: 50 });

  it.each([
    ["headers without end", "x".repeat(101)],
    ["a part that announces too much", `--${BOUNDARY}\r\nContent-Length: 51\r\n\r\n`],
    ["a length that is none", `--${BOUNDARY}\r\nContent-Length: -1\r\n\r\n`],
    ["a part without boundary", "Content-Type: image/jpeg\r\n\r\n"],
    ["a body without end", `--${BOUNDARY}\r\nA: b\r\n\r\n${"x".repeat(51 + 30)}`],
  ])("refuses %s", (_, stream) => {
    expect(() => {
      limited().push(text(stream));
    }).toThrow(MultipartError);
  });
});

describe("boundaryOf", () => {
  it.each([
    ["multipart/x-mixed-replace;boundary=boundarydonotcross", "boundarydonotcross"],
    ['multipart/x-mixed-replace; boundary="a-b"', "a-b"],
    ["image/jpeg", undefined],
    [undefined, undefined],
  ])("finds it in %s", (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
