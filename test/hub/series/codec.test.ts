import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflateRawSync } from "node:zlib";
import { pingCurvesOf, pingRangeOf } from "../../../src/hub/series/curves.ts";
import { packCurves, unpackCurves } from "../../../src/hub/series/packed-curves.ts";
import { decodeRow, encodeRow, figureOf, loadOf, pingOf } from "../../../src/hub/series/rows.ts";
import { tierFor, tiersOf } from "../../../src/hub/series/tiers.ts";
import {
  addRow,
  emptyTrack,
  mergeTracks,
  packTrack,
  rollUp,
  unpackTrack,
} from "../../../src/hub/series/track.ts";
import type { Track } from "../../../src/hub/series/track.ts";
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

/** Rows by time, with -0 as 0. */
function rowsOf({ times, columns }: Track): readonly (readonly number[])[] {
  return times.map((at, row) => [at, ...columns.map((column) => (column[row] ?? Number.NaN) + 0)]);
}

/** Each row: time, figures. */
function trackOf(rows: readonly (readonly number[])[]): Track {
  const track = emptyTrack();
  for (const [at = 0, ...figures] of rows.toSorted(([a = 0], [b = 0]) => a - b)) {
    addRow(
      track,
      at,
      figures.map((figure) => figure + 0),
    );
  }
  return track;
}

const SLOTS = fc.uniqueArray(fc.tuple(fc.nat(239), FIGURE, FIGURE, fc.nat(100)), {
  selector: ([slot]) => slot,
});
const START = { start: MINUTE * 1000, stepMs: MINUTE };
const atMinutes = (rows: readonly (readonly number[])[]): Track =>
  trackOf(rows.map(([slot = 0, ...figures]) => [MINUTE * (1000 + slot), ...figures]));

describe("tracks", () => {
  it("come back as they were packed", () => {
    fc.assert(
      fc.property(SLOTS, (rows) => {
        const track = atMinutes(rows);
        const packed = packTrack(track, START.start, MINUTE);
        expect(rowsOf(unpackTrack(packed, START))).toEqual(rowsOf(track));
      }),
      { numRuns: 50 },
    );
  });

  it("of one chunk after the other become one", () => {
    const first = packTrack(trackOf([[0, 5]]), 0, MINUTE);
    const second = packTrack(trackOf([[0, 6, 7]]), 0, MINUTE);
    const track = unpackTrack(first, { start: 0, stepMs: MINUTE });
    unpackTrack(second, { start: MINUTE, stepMs: MINUTE }, track);
    unpackTrack(first, { start: 2 * MINUTE, stepMs: MINUTE }, track);
    expect(rowsOf(track)).toEqual([
      [0, 5, 0],
      [MINUTE, 6, 7],
      [2 * MINUTE, 5, 0],
    ]);
  });

  it("that are damaged are refused", () => {
    const packed = packTrack(trackOf([[0, 1, 2, 3]]), 0, MINUTE);
    const start = { start: 0, stepMs: MINUTE };
    expect(() => unpackTrack(packed.subarray(0, packed.length - 2), start)).toThrow(
      /end|invalid|cut off/,
    );
    expect(() => unpackTrack(new Uint8Array(40).fill(0xaa), start)).toThrow(/end|invalid/);
    const writer = new VarintWriter();
    for (const number of [0, 2 ** 50]) writer.unsigned(number);
    expect(() => unpackTrack(deflateRawSync(writer.take()), start)).not.toThrow();
    for (const number of [2 ** 26, 2 ** 26]) writer.unsigned(number);
    expect(() => unpackTrack(deflateRawSync(writer.take()), start)).toThrow("cut off");
  });

  it("are joined row by row, and the later word counts", () => {
    fc.assert(
      fc.property(SLOTS, SLOTS, (before, after) => {
        const rows = new Map([...before, ...after].map((row) => [row[0], row]));
        const joined = mergeTracks(atMinutes(before), atMinutes(after));
        expect(rowsOf(joined)).toEqual(rowsOf(atMinutes([...rows.values()])));
      }),
      { numRuns: 50 },
    );
  });

  it("with columns of an earlier version read as zero in the new ones", () => {
    const track = trackOf([
      [0, 5],
      [MINUTE, 6, 7],
    ]);
    expect(track.columns).toEqual([
      [5, 6],
      [0, 7],
    ]);
  });

  it("of pings keep the losses and the extremes when they are rolled up", () => {
    const track = trackOf([
      [0, 2, 1, 100, 100, 100],
      [MINUTE, 1, 1, 0, 0, 0],
      [2 * MINUTE, 3, 0, 200, 50, 400],
      [15 * MINUTE, 2, 2, 0, 0, 0],
    ]);
    expect(rowsOf(rollUp(1, track, 15 * MINUTE))).toEqual([
      [0, 6, 2, 175, 50, 400],
      [15 * MINUTE, 2, 2, 0, 0, 0],
    ]);
  });
});

describe("curves", () => {
  it("come back from the list of numbers within the time asked for, in their units", () => {
    const tracks = new Map([
      [7, trackOf([10, 20, 30].map((at) => [at, 2, 1, 123, 120, 126]))],
      [0, trackOf([20, 40].map((at) => [at, 1234, 100]))],
      [3, trackOf([[40, 1, 0, 5, 5, 5]])],
      [9, emptyTrack()],
    ]);
    const shown = (from: number, to: number): unknown =>
      unpackCurves(packCurves(tracks, from, to)).map(({ track, at, columns }) => [
        track,
        [at, ...columns].map((column) => Array.from(column)),
      ]);
    expect(shown(20, 30)).toEqual([
      [0, [[20], [12.34], [1]]],
      [
        7,
        [
          [20, 30],
          [2, 2],
          [1, 1],
          [12.3, 12.3],
          [12, 12],
          [12.6, 12.6],
        ],
      ],
    ]);
    expect(shown(21, 29)).toEqual([]);
    expect(shown(0, 100)).toHaveLength(3);
  });

  it("of pings are visited by time and then by task", () => {
    const tracks = new Map([
      [1, trackOf([10, 30].map((at) => [at, 1, 0, 5, 5, 5]))],
      [2, trackOf([10, 20].map((at) => [at, 1, 0, 6, 6, 6]))],
    ]);
    const numbers = packCurves(tracks, 0, 100);
    const { points } = pingRangeOf(pingCurvesOf({ stepMs: 10, numbers }));
    expect(points.map(({ at, task, meanMs }) => [at, task, meanMs])).toEqual([
      [10, 1, 0.5],
      [10, 2, 0.6],
      [20, 2, 0.6],
      [30, 1, 0.5],
    ]);
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
    const [first, ...others] = tracks;
    expect(loadOf(figureOf(0, first?.[1] ?? []))).toEqual({ ...load, cpuPercent: 12.35 });
    expect(others.map(([track, columns]) => pingOf(track, figureOf(track, columns)))).toEqual([
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
