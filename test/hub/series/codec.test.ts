import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRow, encodeRow, loadOf, pingOf } from "../../../src/hub/series/rows.ts";
import { tierFor, tiersOf } from "../../../src/hub/series/tiers.ts";
import { packTrack, rollUp, unpackTrack } from "../../../src/hub/series/track.ts";
import { VarintReader, VarintWriter } from "../../../src/hub/series/varint.ts";
import { loadFigures, pingFigures, RETENTION } from "../../support/hub-storage.ts";

const MINUTE = 60_000;
const FIGURE = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
const WHOLE = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });

describe("whole numbers", () => {
  it("come back as they were written, whatever their size", () => {
    fc.assert(
      fc.property(fc.array(WHOLE), (numbers) => {
        const writer = new VarintWriter();
        for (const number of numbers) writer.signed(number);
        const reader = new VarintReader(writer.take());
        expect(numbers.map(() => reader.signed() + 0)).toEqual(numbers.map((number) => number + 0));
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it("are refused when they are cut off", () => {
    expect(() => new VarintReader(Uint8Array.of(0x80)).unsigned()).toThrow(RangeError);
    expect(() => new VarintReader(new Uint8Array(20).fill(0xff)).unsigned()).toThrow(RangeError);
    expect(() => new VarintReader(Uint8Array.of(1)).raw(2)).toThrow(RangeError);
  });
});

describe("tracks", () => {
  it("come back as they were packed", () => {
    const track = fc.uniqueArray(fc.tuple(fc.nat(239), fc.tuple(FIGURE, FIGURE, fc.nat(100))), {
      selector: ([slot]) => slot,
    });
    fc.assert(
      fc.property(track, (rows) => {
        const full = new Map(rows.map(([slot, columns]) => [MINUTE * (1000 + slot), columns]));
        const packed = packTrack(full, MINUTE * 1000, MINUTE);
        const half = (columns: readonly number[]): readonly number[] => columns.map((n) => n + 0);
        const back = unpackTrack(packed, MINUTE * 1000, MINUTE);
        expect([...back].map(([at, columns]) => [at, half(columns)])).toEqual(
          [...full].sort(([a], [b]) => a - b).map(([at, columns]) => [at, half(columns)]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it("that are damaged are refused", () => {
    const packed = packTrack(new Map([[0, [1, 2, 3]]]), 0, MINUTE);
    expect(() => unpackTrack(packed.subarray(0, packed.length - 2), 0, MINUTE)).toThrow(
      /end|invalid/,
    );
    expect(() => unpackTrack(new Uint8Array(40).fill(0xaa), 0, MINUTE)).toThrow(/end|invalid/);
  });

  it("with columns of an earlier version read as zero in the new ones", () => {
    const track = new Map([
      [0, [5]],
      [MINUTE, [6, 7]],
    ]);
    expect([...unpackTrack(packTrack(track, 0, MINUTE), 0, MINUTE).values()]).toEqual([
      [5, 0],
      [6, 7],
    ]);
  });

  it("of pings keep the losses and the extremes when they are rolled up", () => {
    const track = new Map([
      [0, [2, 1, 100, 100, 100]],
      [MINUTE, [1, 1, 0, 0, 0]],
      [2 * MINUTE, [3, 0, 200, 50, 400]],
    ]);
    expect([...rollUp(1, track, 15 * MINUTE)]).toEqual([[0, [6, 2, 175, 50, 400]]]);
  });
});

describe("rows", () => {
  it("come back with every figure in the resolution of its field", () => {
    const load = loadFigures({ cpuPercent: 12.345, receivedBytes: 2 ** 50 });
    const row = { node: 1, at: 0, load, pings: [pingFigures(3, 12.34), pingFigures(200, 0)] };
    const tracks: [number, readonly number[]][] = [];
    decodeRow(encodeRow(new VarintWriter(), row), (track, columns) => {
      tracks.push([track, columns]);
    });
    expect(loadOf(tracks[0]?.[1] ?? [])).toEqual({ ...load, cpuPercent: 12.35 });
    expect(tracks.slice(1).map(([track, columns]) => pingOf(track, columns))).toEqual([
      pingFigures(3, 12.3),
      pingFigures(200, 0),
    ]);
  });
});

describe("the resolution of a range", () => {
  const DAY = 86_400_000;
  const now = 1000 * DAY;
  const step = (hours: number, options = {}): number => {
    const query = { from: now - (hours * DAY) / 24, to: now, ...options };
    return tierFor(tiersOf(RETENTION), query, now).stepMs / MINUTE;
  };

  it("is the finest that has few enough points and still has the beginning", () => {
    expect([1, 4, 24, 168, 720, 5000].map((hours) => step(hours))).toEqual([1, 1, 15, 15, 60, 60]);
    expect(step(24, { maxPoints: 2000 })).toBe(1);
    expect(step(49, { maxPoints: 1e9 })).toBe(15);
  });

  it("is the one asked for when there is such a one", () => {
    expect([1, 15, 30, 60, 600].map((m) => step(4, { stepMs: m * MINUTE }))).toEqual([
      1, 15, 15, 60, 60,
    ]);
  });
});
