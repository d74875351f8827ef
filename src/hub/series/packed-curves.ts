import { scalesOf } from "./rows.ts";
import type { Track } from "./track.ts";

// Curves as one list of numbers, which threads hand over instead of copying it: of each its track, the number of its
// rows and of its columns, then the times and column after column.

const HEAD = 3;

/** One curve as it was handed over; figures are in the units of the series. */
export interface PackedCurve {
  readonly track: number;
  readonly at: Float64Array;
  readonly columns: readonly Float64Array[];
}

interface Part {
  readonly id: number;
  readonly track: Track;
  readonly first: number;
  readonly end: number;
}

function partOf(id: number, track: Track, from: number, to: number): Part {
  const { times } = track;
  const first = times.findIndex((at) => at >= from);
  const last = times.findLastIndex((at) => at <= to);
  return { id, track, first, end: first < 0 ? first : last + 1 };
}

/** Rows within the time, both ends included; curves by track, without those that have none. */
export function packCurves(
  tracks: ReadonlyMap<number, Track>,
  from: number,
  to: number,
): Float64Array {
  const parts = Array.from(tracks, ([id, track]) => partOf(id, track, from, to))
    .filter(({ first, end }) => end > first)
    .sort((a, b) => a.id - b.id);
  const lengths = parts.map(
    ({ track, first, end }) => HEAD + (end - first) * (track.columns.length + 1),
  );
  const numbers = new Float64Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const { id, track, first, end } of parts) {
    const scales = scalesOf(id);
    numbers.set([id, end - first, track.columns.length], offset);
    offset += HEAD;
    for (let row = first; row < end; row += 1) numbers[offset++] = track.times[row] ?? 0;
    for (const [index, column] of track.columns.entries()) {
      const scale = scales[index] ?? 1;
      for (let row = first; row < end; row += 1) numbers[offset++] = (column[row] ?? 0) / scale;
    }
  }
  return numbers;
}

/** The other way round: parts of the same memory. */
export function unpackCurves(numbers: Float64Array): readonly PackedCurve[] {
  const curves: PackedCurve[] = [];
  for (let offset = 0; offset < numbers.length;) {
    const [track = 0, rows = 0, width = 0] = numbers.subarray(offset, offset + HEAD);
    offset += HEAD;
    const at = numbers.subarray(offset, offset + rows);
    const columns: Float64Array[] = [];
    for (let index = 1; index <= width; index += 1) {
      columns.push(numbers.subarray(offset + index * rows, offset + (index + 1) * rows));
    }
    offset += rows * (width + 1);
    curves.push({ track, at, columns });
  }
  return curves;
}
