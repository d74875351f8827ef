import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LOAD_ROLL_UPS, LOAD_TRACK } from "./rows.ts";
import { VarintReader, VarintWriter } from "./varint.ts";

/** Columns by start of the time that they stand for (epoch milliseconds), in no particular order. */
export type Track = Map<number, readonly number[]>;

/** A larger one is no chunk of ours: a damaged file must not take all memory. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

const writer = new VarintWriter();

/** A track of one chunk: column by column, each figure as the difference to the one before, then compressed. */
export function packTrack(track: Track, start: number, stepMs: number): Uint8Array {
  const times = [...track.keys()].sort((a, b) => a - b);
  const width = Math.max(0, ...Array.from(track.values(), ({ length }) => length));
  writer.unsigned(times.length);
  writer.unsigned(width);
  let slot = 0;
  for (const at of times) {
    const next = Math.round((at - start) / stepMs);
    writer.unsigned(next - slot);
    slot = next;
  }
  for (let column = 0; column < width; column += 1) {
    let before = 0;
    for (const at of times) {
      const figure = track.get(at)?.[column] ?? 0;
      writer.signed(figure - before);
      before = figure;
    }
  }
  return deflateRawSync(writer.take());
}

/** Adds to `track` what the chunk holds. Throws for a damaged chunk. */
export function unpackTrack(
  packed: Uint8Array,
  start: number,
  stepMs: number,
  track: Track = new Map(),
): Track {
  const reader = new VarintReader(inflateRawSync(packed, { maxOutputLength: MAX_CHUNK_BYTES }));
  const count = reader.unsigned();
  const width = reader.unsigned();
  const rows: number[][] = [];
  let slot = 0;
  for (let index = 0; index < count; index += 1) {
    slot += reader.unsigned();
    const row: number[] = [];
    rows.push(row);
    track.set(start + slot * stepMs, row);
  }
  for (let column = 0; column < width; column += 1) {
    let figure = 0;
    for (const row of rows) {
      figure += reader.signed();
      row.push(figure);
    }
  }
  return track;
}

function rollUpLoad(rows: readonly (readonly number[])[]): readonly number[] {
  return LOAD_ROLL_UPS.map((rule, column) => {
    if (rule === "last") return rows.at(-1)?.[column] ?? 0;
    let sum = 0;
    for (const row of rows) sum += row[column] ?? 0;
    return rule === "sum" ? sum : Math.round(sum / rows.length);
  });
}

function rollUpPings(rows: readonly (readonly number[])[]): readonly number[] {
  let [sent, lost, weighted, most] = [0, 0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const answered = (row[0] ?? 0) - (row[1] ?? 0);
    sent += row[0] ?? 0;
    lost += row[1] ?? 0;
    if (answered <= 0) continue;
    weighted += answered * (row[2] ?? 0);
    least = Math.min(least, row[3] ?? 0);
    most = Math.max(most, row[4] ?? 0);
  }
  const mean = sent > lost ? Math.round(weighted / (sent - lost)) : 0;
  return [sent, lost, mean, Number.isFinite(least) ? least : 0, most];
}

/** The track in steps of `stepMs`, in ascending order. */
export function rollUp(id: number, track: Track, stepMs: number): Track {
  const groups = new Map<number, (readonly number[])[]>();
  for (const [at, columns] of [...track].sort(([a], [b]) => a - b)) {
    const start = Math.floor(at / stepMs) * stepMs;
    const group = groups.get(start);
    if (group === undefined) groups.set(start, [columns]);
    else group.push(columns);
  }
  const combine = id === LOAD_TRACK ? rollUpLoad : rollUpPings;
  return new Map(Array.from(groups, ([start, rows]) => [start, combine(rows)]));
}
