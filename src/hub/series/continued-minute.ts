import { decodeRow, encodeRow, figureOf, LOAD_TRACK, loadOf, MINUTE_MS, pingOf } from "./rows.ts";
import type { PingFigures, SeriesRow } from "./series.ts";
import { addRow, emptyTrack, lastRow, rollUp } from "./track.ts";
import { VarintWriter } from "./varint.ts";

type Columns = readonly number[];

function tracksOf(payload: Uint8Array): Map<number, Columns> {
  const tracks = new Map<number, Columns>();
  decodeRow(payload, (id, columns) => {
    tracks.set(id, columns);
  });
  return tracks;
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  const tracks = tracksOf(before);
  for (const [id, columns] of tracksOf(after)) {
    const both = emptyTrack();
    for (const row of [tracks.get(id) ?? [], columns]) {
      if (row.length > 0) addRow(both, both.times.length, row);
    }
    tracks.set(id, lastRow(rollUp(id, both, MINUTE_MS)));
  }
  const load = tracks.get(LOAD_TRACK);
  tracks.delete(LOAD_TRACK);
  const pings: PingFigures[] = Array.from(tracks, ([id, columns]) =>
    pingOf(id, figureOf(id, columns)),
  );
  const row: SeriesRow = { node: 0, at: 0, pings };
  const figures = load && { load: loadOf(figureOf(LOAD_TRACK, load)) };
  return encodeRow(new VarintWriter(), { ...row, ...figures });
}

/**
 * The newest minute that a former process left behind. This process knows only what came after its own start: rows of
 * that minute are joined with what was there, so that a quick restart loses nothing of it.
 */
export class ContinuedMinute {
  readonly #minute: number | undefined;
  readonly #before = new Map<number, Uint8Array | undefined>();

  constructor(minute: number | undefined) {
    this.#minute = minute;
  }

  /** What to write for a row; `read` gives what the file holds of it. */
  continue(
    at: number,
    node: number,
    payload: Uint8Array,
    read: () => Uint8Array | undefined,
  ): Uint8Array {
    if (at !== this.#minute) return payload;
    if (!this.#before.has(node)) this.#before.set(node, read());
    const before = this.#before.get(node);
    return before === undefined ? payload : joined(before, payload);
  }
}
