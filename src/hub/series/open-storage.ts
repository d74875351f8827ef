import type { Clock } from "../../core/clock.ts";
import { every } from "../../core/clock.ts";
import { describeError, StorageError, ValidationError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore } from "../../core/store.ts";
import { loadRangeOf, pingCurvesOf, pingRangeOf } from "./curves.ts";
import { limitLargeYoungHeap, limitOldHeap } from "../../platform/process/heap-limits.ts";
import { RowBuffer } from "./row-buffer.ts";
import type { PackedRange, StorageEngine, StorageReply, TrackQuery } from "./requests.ts";
import type {
  HubStorage,
  LoadPoint,
  PingCurves,
  PingPoint,
  RangeQuery,
  Series,
  SeriesRange,
  SeriesState,
  SqlStatement,
  StorageFigures,
  Tables,
} from "./series.ts";
import { SqliteEngine } from "./sqlite-engine.ts";
import type { Retention } from "./tiers.ts";
import { storageWorkerUrl, WorkerEngine } from "./worker-engine.ts";

export interface StorageOptions {
  /** The database file, or `:memory:` for a test. */
  readonly path: string;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: a thread of its own in the bundle, this thread in sources. */
  readonly engine?: StorageEngine;
}

const FLUSH_MS = 1000;

/** So often in a second old rows are worked on, where there is enough to do; who reads comes in between. */
const MAINTENANCE_STRETCHES = 5;

/** Buffers rows, hands them over once a second, and keeps them while the file cannot be written. */
class EngineStorage implements HubStorage, Series, Tables {
  readonly state: MutableStore<SeriesState>;
  readonly #engine: StorageEngine;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #buffer = new RowBuffer();
  readonly #stopFlushing: () => void;
  #flushing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(engine: StorageEngine, { clock, log }: StorageOptions) {
    this.#engine = engine;
    this.#clock = clock;
    this.#log = log;
    this.state = createStore<SeriesState>({ status: "ready", problem: "", droppedRows: 0 });
    this.#stopFlushing = every(clock, FLUSH_MS, () => void this.#work());
  }

  get series(): Series {
    return this;
  }

  get tables(): Tables {
    return this;
  }

  append(batch: Parameters<Series["append"]>[0]): void {
    if (this.#closing !== undefined) return;
    const dropped = this.#buffer.add(batch);
    if (dropped === 0) return;
    this.state.set({ ...this.state.value, droppedRows: this.state.value.droppedRows + dropped });
  }

  async load(query: RangeQuery): Promise<SeriesRange<LoadPoint>> {
    const { task: _, ...rest } = query;
    return loadRangeOf(await this.#range({ ...rest, kind: "load" }));
  }

  async pings(query: RangeQuery): Promise<SeriesRange<PingPoint>> {
    return pingRangeOf(await this.pingCurves(query));
  }

  async pingCurves(query: RangeQuery): Promise<PingCurves> {
    return pingCurvesOf(await this.#range({ ...query, kind: "pings" }));
  }

  async forgetNode(node: number): Promise<void> {
    await this.#flush();
    await this.write([
      { sql: "DELETE FROM loose WHERE node = ?", values: [node] },
      { sql: "DELETE FROM chunk WHERE node = ?", values: [node] },
    ]);
  }

  async forgetTask(task: number): Promise<void> {
    await this.write([{ sql: "DELETE FROM chunk WHERE track = ?", values: [task] }]);
  }

  async write(statements: readonly SqlStatement[]): Promise<void> {
    await this.#engine.perform({ kind: "write", statements });
  }

  async writeSafely(statements: readonly SqlStatement[]): Promise<void> {
    await this.#engine.perform({ kind: "writeSafely", statements });
  }

  async read(statement: SqlStatement): Promise<NonNullable<StorageReply["rows"]>> {
    return (await this.#engine.perform({ kind: "read", statement })).rows ?? [];
  }

  async figures(): Promise<StorageFigures> {
    await this.#flush();
    const { figures } = await this.#engine.perform({ kind: "figures" });
    return figures ?? { fileBytes: 0, logBytes: 0, freeBytes: 0, looseRows: 0 };
  }

  async backup(path: string): Promise<void> {
    await this.#flush();
    await this.#engine.perform({ kind: "backup", path });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopFlushing();
    await this.#flush();
    await this.#engine.perform({ kind: "close" });
    this.state.set({ ...this.state.value, status: "closed" });
  }

  async #range(query: TrackQuery): Promise<PackedRange> {
    if (!(query.from <= query.to)) throw new ValidationError("The range ends before it begins");
    // Only what belongs to the answer: a large fleet's rows take longer than reading.
    await this.#guarded(() => this.#writeRows(this.#buffer.take(query.node)));
    const { range } = await this.#engine.perform({ kind: "range", query, now: this.#clock.now() });
    if (range === undefined) throw new StorageError("The hub's database gave no range");
    return range;
  }

  async #work(): Promise<void> {
    await this.#flush();
    await this.#guarded(async () => {
      for (let stretch = 0; stretch < MAINTENANCE_STRETCHES; stretch += 1) {
        const done = await this.#engine.perform({ kind: "maintain", now: this.#clock.now() });
        if (done.isBusy !== true) return;
      }
    });
  }

  /** One at a time; a second caller waits for the one that is under way and then for its own. */
  async #flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#flushing = this.#writeBuffer().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  #writeBuffer(): Promise<void> {
    return this.#guarded(async () => {
      while (this.#buffer.size > 0) await this.#writeRows(this.#buffer.take());
    });
  }

  async #writeRows({ rows, confirm }: ReturnType<RowBuffer["take"]>): Promise<void> {
    if (rows.length === 0) return;
    await this.#engine.perform({ kind: "append", rows });
    confirm();
    this.#recovered();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.state.value.status !== "closed") this.#failed(describeError(error));
    }
  }

  #recovered(): void {
    if (this.state.value.status !== "failed") return;
    this.#log.info({}, "The hub's database can be written again");
    this.state.set({ ...this.state.value, status: "ready", problem: "" });
  }

  #failed(problem: string): void {
    if (this.state.value.status !== "failed") {
      this.#log.error({ problem }, "The hub's database cannot be written");
    }
    this.state.set({ ...this.state.value, status: "failed", problem });
  }
}

function defaultEngine(): StorageEngine {
  // The fleet stays in memory, and its figures go through it.
  limitOldHeap();
  const url = storageWorkerUrl();
  return url === undefined ? new SqliteEngine() : new WorkerEngine(url);
}

/**
 * Opens the database, or makes it. Rejects with `MissingPartError` without the addon, and with `StorageError` when the
 * file cannot be had, is damaged or is not ours; nothing is ever deleted or begun anew.
 */
export async function openHubStorage(options: StorageOptions): Promise<HubStorage> {
  const engine = options.engine ?? defaultEngine();
  const { path, retention } = options;
  await engine.perform({ kind: "open", path, retention });
  if (options.engine === undefined) limitLargeYoungHeap();
  return new EngineStorage(engine, options);
}
