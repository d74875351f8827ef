import { encodeRow, MINUTE_MS } from "./rows.ts";
import type { SeriesRow } from "./series.ts";
import { VarintWriter } from "./varint.ts";

/** About half an hour of two thousand nodes. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What the map and its entry cost beside the bytes. */
const ROW_OVERHEAD = 64;
/** Whoever reads waits for so many at most. */
const MAX_ROWS_AT_ONCE = 500;
const MAX_NODES = 2 ** 24;

interface Pending {
  readonly minute: number;
  readonly node: number;
  readonly payload: Uint8Array;
}

/** Rows that wait to be written: the newest of each node and minute, in bounded memory; the oldest give way. */
export class RowBuffer {
  readonly #rows = new Map<number, Pending>();
  readonly #writer = new VarintWriter();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Number of rows that had to give way; rows of impossible nodes or times count, too. */
  add(batch: readonly SeriesRow[]): number {
    let dropped = 0;
    for (const row of batch) {
      const minute = Math.floor(row.at / MINUTE_MS);
      if (!isPossible(row.node, minute)) {
        dropped += 1;
        continue;
      }
      this.#put({ minute, node: row.node, payload: encodeRow(this.#writer, row) });
    }
    return dropped + this.#trim();
  }

  /**
   * The oldest rows, of one node or of all, laid out for the engine; `confirm` forgets them unless they were replaced
   * meanwhile.
   */
  take(only?: number): { readonly rows: Uint8Array; readonly confirm: () => void } {
    const taken: [number, Pending][] = [];
    for (const entry of this.#rows) {
      if (only !== undefined && entry[1].node !== only) continue;
      taken.push(entry);
      if (taken.length === MAX_ROWS_AT_ONCE) break;
    }
    for (const [, { minute, node, payload }] of taken) {
      this.#writer.unsigned(minute);
      this.#writer.unsigned(node);
      this.#writer.unsigned(payload.length);
      this.#writer.raw(payload);
    }
    const confirm = (): void => {
      for (const [key, row] of taken) if (this.#rows.get(key) === row) this.#remove(key, row);
    };
    return { rows: this.#writer.take(), confirm };
  }

  #put(row: Pending): void {
    const key = row.minute * MAX_NODES + row.node;
    const before = this.#rows.get(key);
    if (before !== undefined) this.#remove(key, before);
    this.#rows.set(key, row);
    this.#bytes += row.payload.length + ROW_OVERHEAD;
  }

  #remove(key: number, row: Pending): void {
    this.#rows.delete(key);
    this.#bytes -= row.payload.length + ROW_OVERHEAD;
  }

  #trim(): number {
    let dropped = 0;
    for (const [key, row] of this.#rows) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#remove(key, row);
      dropped += 1;
    }
    return dropped;
  }
}

function isPossible(node: number, minute: number): boolean {
  const isNode = Number.isSafeInteger(node) && node > 0 && node < MAX_NODES;
  // 2^28 minutes are five hundred years.
  return isNode && Number.isSafeInteger(minute) && minute >= 0 && minute < 2 ** 28;
}
