import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../../src/core/bytes.ts";
import { ChunkFrames, ChunkSet, ChunksError } from "../../../src/protocol/pasarguard/chunks.ts";
import { User, UsersChunk } from "../../../src/protocol/pasarguard/messages.ts";

const user = (email: string): User => User.create({ email, inbounds: ["in"] });
const chunk = (index: bigint, emails: readonly string[], last = false): UsersChunk => ({
  users: emails.map(user),
  index,
  last,
});

function varintFrame(payload: Uint8Array): Uint8Array {
  const header: number[] = [];
  let rest = payload.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) header.push((rest % 0x80) + 0x80);
  return concatBytes(Uint8Array.from([...header, rest]), payload);
}

function fixedFrame(payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, payload.length);
  return concatBytes(header, payload);
}

const MANY = chunk(
  1n,
  Array.from({ length: 40 }, (_, index) => `user-${index}`),
  true,
);
const CHUNKS = [chunk(0n, ["a", "b"]), MANY];

function readAll(frames: ChunkFrames, parts: readonly Uint8Array[]): readonly UsersChunk[] {
  const chunks = parts.flatMap((part) => frames.push(part));
  frames.finish();
  return chunks;
}

function failureOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("ChunkFrames", () => {
  it.each([
    ["varint lengths, as Python sends them", varintFrame],
    ["lengths of four bytes, as Go sends them", fixedFrame],
  ])("reads %s, wherever the body is split", (_what, frame) => {
    const body = concatBytes(...CHUNKS.map((part) => frame(UsersChunk.encode(part))));
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 6 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), body.length];
        const parts = edges.slice(1).map((end, index) => body.slice(edges[index], end));
        expect(readAll(new ChunkFrames(), parts)).toEqual(CHUNKS);
      }),
      { numRuns: 50 },
    );
  });

  it("skips empty frames after the first", () => {
    const body = concatBytes(varintFrame(UsersChunk.encode(MANY)), fromHex("00 00"));
    expect(readAll(new ChunkFrames(), [body])).toEqual([MANY]);
  });

  it("refuses a body that ends within a frame", () => {
    const body = varintFrame(UsersChunk.encode(MANY)).slice(0, -1);
    expect(() => readAll(new ChunkFrames(), [body])).toThrow("failed to read chunk payload");
  });

  it("refuses what is no chunk", () => {
    expect(() => new ChunkFrames().push(fromHex("02 0a 7f"))).toThrow("failed to decode chunk");
  });

  it("refuses a length that nobody needs, before it waits for so many bytes", () => {
    expect(() => new ChunkFrames().push(fromHex("ff ff ff ff 0f"))).toThrow(ChunksError);
    expect(() => new ChunkFrames().push(fromHex("ff ff ff ff ff 01"))).toThrow("chunk length");
  });

  it("answers any bytes with chunks or a ChunksError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
        const failure = failureOf(() => {
          readAll(new ChunkFrames(), [garbage]);
        });
        expect(failure === undefined || failure instanceof ChunksError).toBe(true);
      }),
    );
  });
});

describe("ChunkSet", () => {
  const emailsOf = (chunks: readonly UsersChunk[]): readonly string[] => {
    const set = new ChunkSet();
    for (const part of chunks) set.add(part);
    return set.users().map(({ email }) => email);
  };

  it("puts users into the order of the indexes", () => {
    expect(emailsOf([chunk(1n, ["c"]), chunk(0n, ["a", "b"]), chunk(2n, ["d"], true)])).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("joins parts of one index", () => {
    expect(emailsOf([chunk(0n, ["a"]), chunk(0n, ["b"], true)])).toEqual(["a", "b"]);
  });

  it("looks at nothing after the last chunk", () => {
    expect(emailsOf([chunk(0n, ["a"], true), chunk(1n, ["b"])])).toEqual(["a"]);
  });

  it.each([
    ["missing final chunk indicator", [chunk(0n, ["a"])]],
    ["missing chunk index 1", [chunk(0n, ["a"]), chunk(2n, ["c"], true)]],
    ["no users received", [chunk(0n, [], true)]],
  ])("says %s", (text, chunks) => {
    expect(() => emailsOf(chunks)).toThrow(new ChunksError(text));
  });

  it("does not count to an index that is far away", () => {
    expect(() => emailsOf([chunk(2n ** 63n, ["a"], true)])).toThrow("missing chunk index 0");
  });
});
