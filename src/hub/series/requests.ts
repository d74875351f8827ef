import type { SqlStatement, SqlValue, StorageFigures } from "./series.ts";
import type { Retention } from "./tiers.ts";

// What the thread of the database is asked and answers; plain data, so that it can be copied.

export interface TrackQuery {
  readonly node: number;
  /** Load, or pings of all tasks or one. */
  readonly kind: "load" | "pings";
  readonly task?: number;
  readonly from: number;
  readonly to: number;
  readonly stepMs?: number;
  readonly maxPoints?: number;
}

export type StorageRequest =
  | { readonly kind: "open"; readonly path: string; readonly retention: Retention }
  | { readonly kind: "append"; readonly rows: Uint8Array }
  | { readonly kind: "range"; readonly query: TrackQuery; readonly now: number }
  | { readonly kind: "write" | "writeSafely"; readonly statements: readonly SqlStatement[] }
  | { readonly kind: "read"; readonly statement: SqlStatement }
  | { readonly kind: "maintain"; readonly now: number }
  | { readonly kind: "figures" }
  | { readonly kind: "backup"; readonly path: string }
  | { readonly kind: "close" };

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The curves of a range as `packCurves` lays them out. */
export interface PackedRange {
  readonly stepMs: number;
  readonly numbers: Float64Array;
}

export interface StorageReply {
  readonly rows?: readonly SqlRow[];
  readonly range?: PackedRange;
  readonly figures?: StorageFigures;
  /** There is more to pack. */
  readonly isBusy?: boolean;
}

/** Does one request after the other. */
export interface StorageEngine {
  perform(request: StorageRequest): Promise<StorageReply>;
}
