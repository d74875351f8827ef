import type { Store } from "../../core/store.ts";

// What the fleet's history is. Rows are minutes; the store keeps them for some days and means of them for longer.

/** How a field of several minutes becomes one figure. */
export type RollUp = "mean" | "last" | "sum";

interface FieldRule {
  readonly name: string;
  /** Stored as a whole number of `1 / scale`. */
  readonly scale: number;
  readonly rollUp: RollUp;
}

/** Fields of a load row in the order in which they are stored; new ones are only ever added at the end. */
export const LOAD_FIELDS = [
  { name: "cpuPercent", scale: 100, rollUp: "mean" },
  { name: "gpuPercent", scale: 100, rollUp: "mean" },
  { name: "load1", scale: 100, rollUp: "mean" },
  { name: "memoryUsedBytes", scale: 1, rollUp: "mean" },
  { name: "memoryTotalBytes", scale: 1, rollUp: "last" },
  { name: "swapUsedBytes", scale: 1, rollUp: "mean" },
  { name: "swapTotalBytes", scale: 1, rollUp: "last" },
  { name: "diskUsedBytes", scale: 1, rollUp: "mean" },
  { name: "diskTotalBytes", scale: 1, rollUp: "last" },
  { name: "receivedBytesPerSecond", scale: 1, rollUp: "mean" },
  { name: "sentBytesPerSecond", scale: 1, rollUp: "mean" },
  /** As the node counts: may fall when it restarts. */
  { name: "receivedBytes", scale: 1, rollUp: "last" },
  { name: "sentBytes", scale: 1, rollUp: "last" },
  /** Moved within the time that the row stands for. */
  { name: "receivedDeltaBytes", scale: 1, rollUp: "sum" },
  { name: "sentDeltaBytes", scale: 1, rollUp: "sum" },
  { name: "tcpConnections", scale: 1, rollUp: "mean" },
  { name: "udpConnections", scale: 1, rollUp: "mean" },
  { name: "processCount", scale: 1, rollUp: "mean" },
  { name: "temperatureCelsius", scale: 10, rollUp: "mean" },
] as const satisfies readonly FieldRule[];

export type LoadField = (typeof LOAD_FIELDS)[number]["name"];
export type LoadFigures = Readonly<Record<LoadField, number>>;

/** Answers of one ping task within the time that a row stands for. Milliseconds are 0 when all were lost. */
export interface PingFigures {
  readonly task: number;
  readonly sent: number;
  readonly lost: number;
  readonly meanMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** One minute of one node. A later row of the same node and minute replaces the earlier one. */
export interface SeriesRow {
  /** `NodeRecord.id`. */
  readonly node: number;
  /** Start of the minute, epoch milliseconds; rounded down to one. */
  readonly at: number;
  /** Absent when the node only answered pings. */
  readonly load?: LoadFigures;
  readonly pings: readonly PingFigures[];
}

export interface RangeQuery {
  readonly node: number;
  /** Epoch milliseconds, both included. */
  readonly from: number;
  readonly to: number;
  /** Only this ping task. Ignored for load. */
  readonly task?: number;
  /** Finest resolution that makes sense to the caller; default: what fits into `maxPoints`. Milliseconds. */
  readonly stepMs?: number;
  /** Points per curve that are wanted at most: the next coarser resolution is taken then. Default 1000. */
  readonly maxPoints?: number;
}

export type LoadPoint = LoadFigures & {
  /** Start of the time that it stands for. */
  readonly at: number;
};

export type PingPoint = PingFigures & { readonly at: number };

/** Either kind of point. */
export type SeriesPoint = LoadPoint | PingPoint;

/** Points in ascending order of time (then of task), `stepMs` apart; times without figures are left out. */
export interface SeriesRange<P extends SeriesPoint> {
  readonly stepMs: number;
  readonly points: readonly P[];
}

/** One ping task, column by column: all are as long as `at`, in ascending order of time. */
export interface PingCurve {
  readonly task: number;
  readonly at: Float64Array;
  readonly sent: Float64Array;
  readonly lost: Float64Array;
  readonly meanMs: Float64Array;
  readonly minMs: Float64Array;
  readonly maxMs: Float64Array;
}

/** Curves in ascending order of their tasks, without those that have no figures. */
export interface PingCurves {
  readonly stepMs: number;
  readonly curves: readonly PingCurve[];
}

export interface SeriesState {
  readonly status: "starting" | "ready" | "failed" | "closed";
  /** Why it is failed, for people: full disk, read-only file system, damaged file. */
  readonly problem: string;
  /** Rows that were given up because nothing could be written for too long. */
  readonly droppedRows: number;
}

/**
 * History of the fleet. In production a thread of its own holds the only connection, so that nothing ever waits for a
 * lock; tests run the same in their own thread.
 */
export interface Series {
  readonly state: Store<SeriesState>;
  /** Never blocks and never throws. Written within a second, in few transactions. */
  append(batch: readonly SeriesRow[]): void;
  /**
   * Curves of one node, rows not yet written included. Rejects with `StorageError` when the file cannot be read, and
   * with `ValidationError` for a range that is none. The resolution follows from `stepMs`, `maxPoints` and what retention has left.
   */
  load(query: RangeQuery): Promise<SeriesRange<LoadPoint>>;
  pings(query: RangeQuery): Promise<SeriesRange<PingPoint>>;
  /** The same figures as `pings` without an object for each point: there are many of those. */
  pingCurves(query: RangeQuery): Promise<PingCurves>;
  /** Removes everything of a node, or of a ping task. */
  forgetNode(node: number): Promise<void>;
  forgetTask(task: number): Promise<void>;
}

export type SqlValue = string | number | null | Uint8Array;

export interface SqlStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * The tables beside the series, in the same file. Statements are constants of the program; whatever comes from outside
 * is a value. Rejects with `StorageError`.
 */
export interface Tables {
  /** All or nothing. It outlasts the end of the process, however that ends; of the machine a moment later. */
  write(statements: readonly SqlStatement[]): Promise<void>;
  /** Likewise; when it resolves a power cut costs nothing of it. Costs a card more: for what must not be missing. */
  writeSafely(statements: readonly SqlStatement[]): Promise<void>;
  /** A statement that gives rows; one that also changes something (`RETURNING`) counts as written. */
  read(statement: SqlStatement): Promise<readonly Readonly<Record<string, SqlValue>>[]>;
}

export interface StorageFigures {
  /** Size of the file, and of its write-ahead log; what is free for reuse; minutes that are not packed yet. */
  readonly fileBytes: number;
  readonly logBytes: number;
  readonly freeBytes: number;
  readonly looseRows: number;
}

/** The embedded database: series and tables in one file, one writer. */
export interface HubStorage {
  readonly series: Series;
  readonly tables: Tables;
  /** After writing what waits. */
  figures(): Promise<StorageFigures>;
  /** A consistent copy while everything goes on, checked when it is complete; replaces `path` only then. */
  backup(path: string): Promise<void>;
  /** Writes what waits. Idempotent. */
  close(): Promise<void>;
}
