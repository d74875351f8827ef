import { deflateRawSync, inflateRawSync } from "node:zlib";
import { decodeRow, LOAD_ROLL_UPS, LOAD_TRACK } from "./rows.ts";
import { floorTo } from "./tiers.ts";
import { VarintReader, VarintWriter } from "./varint.ts";

/**
 * One curve: the starts of the times that its rows stand for (epoch milliseconds, ascending), and each column of figures
 * by itself. All are of one length.
 */
export interface Track {
  readonly times: number[];
  readonly columns: number[][];
}

/** A larger one is no chunk of ours: a damaged file must not take all memory. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

const writer = new VarintWriter();

export function emptyTrack(): Track {
  return { times: [], columns: [] };
}

/** Rows of before get zeros in new columns. */
function widen({ columns }: Track, width: number, rows: number): void {
  while (columns.length < width) columns.push(Array.from({ length: rows }, () => 0));
}

/** Adds a row at the end; its time has to be later than all before. */
export function addRow(track: Track, at: number, figures: readonly number[]): void {
  widen(track, figures.length, track.times.length);
  track.times.push(at);
  for (const [index, column] of track.columns.entries()) column.push(figures[index] ?? 0);
}

/** Adds what a stored minute holds to its curves. Throws `RangeError` for a damaged one. */
export function addPayload(tracks: Map<number, Track>, at: number, payload: Uint8Array): void {
  decodeRow(payload, (id, figures) => {
    const track = tracks.get(id) ?? emptyTrack();
    tracks.set(id, track);
    addRow(track, at, figures);
  });
}

/** The figures of the newest row. */
export function lastRow({ columns }: Track): readonly number[] {
  return columns.map((column) => column.at(-1) ?? 0);
}

/** A track of one chunk: column by column, each figure as the difference to the one before, then compressed. */
export function packTrack({ times, columns }: Track, start: number, stepMs: number): Uint8Array {
  writer.unsigned(times.length);
  writer.unsigned(columns.length);
  let slot = 0;
  for (const at of times) {
    const next = Math.round((at - start) / stepMs);
    writer.unsigned(next - slot);
    slot = next;
  }
  for (const column of columns) {
    let before = 0;
    for (const figure of column) {
      writer.signed(figure - before);
      before = figure;
    }
  }
  return deflateRawSync(writer.take());
}

/** Adds what the chunk holds at the end of `track`; all of it has to be later. Throws for a damaged chunk. */
export function unpackTrack(
  packed: Uint8Array,
  { start, stepMs }: { readonly start: number; readonly stepMs: number },
  track: Track = emptyTrack(),
): Track {
  const bytes = inflateRawSync(packed, { maxOutputLength: MAX_CHUNK_BYTES });
  const reader = new VarintReader(bytes);
  const count = reader.unsigned();
  const width = reader.unsigned();
  if (count === 0) return track;
  // Each figure takes a byte at least.
  if (count * (width + 1) > bytes.length) throw new RangeError("cut off");
  const rows = track.times.length;
  widen(track, width, rows);
  let slot = 0;
  for (let index = 0; index < count; index += 1) {
    slot += reader.unsigned();
    track.times.push(start + slot * stepMs);
  }
  for (const [place, column] of track.columns.entries()) {
    let figure = 0;
    for (let index = 0; index < count; index += 1) {
      if (place < width) figure += reader.signed();
      column.push(figure);
    }
  }
  return track;
}

function copyRow(from: Track, row: number, to: Track): void {
  widen(to, from.columns.length, to.times.length);
  to.times.push(from.times[row] ?? 0);
  for (const [index, column] of to.columns.entries()) column.push(from.columns[index]?.[row] ?? 0);
}

/** The rows of both; where both have one, that of `fresh`. */
export function mergeTracks(known: Track, fresh: Track): Track {
  if (known.times.length === 0) return fresh;
  const merged = emptyTrack();
  let [left, right] = [0, 0];
  while (left < known.times.length || right < fresh.times.length) {
    const before = known.times[left] ?? Number.POSITIVE_INFINITY;
    const after = fresh.times[right] ?? Number.POSITIVE_INFINITY;
    if (before < after) copyRow(known, left, merged);
    else copyRow(fresh, right, merged);
    if (before <= after) left += 1;
    if (after <= before) right += 1;
  }
  return merged;
}

function sumOf(column: readonly number[], first: number, end: number): number {
  let sum = 0;
  for (let row = first; row < end; row += 1) sum += column[row] ?? 0;
  return sum;
}

function rollUpLoad(columns: Track["columns"], first: number, end: number): number[] {
  return LOAD_ROLL_UPS.map((rule, index) => {
    const column = columns[index] ?? [];
    if (rule === "last") return column[end - 1] ?? 0;
    const sum = sumOf(column, first, end);
    return rule === "sum" ? sum : Math.round(sum / (end - first));
  });
}

function rollUpPings(columns: Track["columns"], first: number, end: number): number[] {
  const figure = (column: number, row: number): number => columns[column]?.[row] ?? 0;
  let [sent, lost, answers, weighted] = [0, 0, 0, 0];
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let row = first; row < end; row += 1) {
    const answered = figure(0, row) - figure(1, row);
    sent += figure(0, row);
    lost += figure(1, row);
    if (answered <= 0) continue;
    answers += answered;
    weighted += answered * figure(2, row);
    least = Math.min(least, figure(3, row));
    most = Math.max(most, figure(4, row));
  }
  return answers === 0
    ? [sent, lost, 0, 0, 0]
    : [sent, lost, Math.round(weighted / answers), least, most];
}

/** The track in steps of `stepMs`. */
export function rollUp(id: number, track: Track, stepMs: number): Track {
  const combine = id === LOAD_TRACK ? rollUpLoad : rollUpPings;
  const { times, columns } = track;
  const rolled = emptyTrack();
  for (let first = 0; first < times.length;) {
    const start = floorTo(times[first] ?? 0, stepMs);
    let end = first + 1;
    while (end < times.length && (times[end] ?? 0) < start + stepMs) end += 1;
    addRow(rolled, start, combine(columns, first, end));
    first = end;
  }
  return rolled;
}
