import { randomBytes } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { Streamer } from "../../device/streamer/streamer.ts";
import type { VideoFrame } from "../../platform/video/port.ts";
import type { StreamOptions } from "../../protocol/ustreamer/multipart-writer.ts";
import { StreamViewer } from "./stream-viewer.ts";
import type { PictureSink } from "./stream-viewer.ts";
import type { ViewerStats } from "./streamer-view.ts";

/** As many read the picture as may. */
export class TooManyViewersError extends AppError {
  static readonly code = "TOO_MANY_VIEWERS";
  constructor(options?: ErrorOptions) {
    super("busy", TooManyViewersError.code, "Too many clients watch the picture", options);
  }
}

export interface StreamViewersOptions {
  readonly streamer: Pick<Streamer, "state" | "watch">;
  readonly clock: Clock;
  /** Default 128. */
  readonly maxViewers?: number;
}

const DEFAULT_MAX_VIEWERS = 128;
const SECOND_MS = 1000;
/** Readers of a source that does not run for so long are sent away. */
const MAX_SILENT_SECONDS = 15;
const NOBODY: ViewerStats = {};

/** Everybody who reads the picture stream. The picture is asked for only while somebody does. */
export class StreamViewers {
  readonly #options: StreamViewersOptions;
  readonly #viewers = new Map<string, StreamViewer>();
  readonly #stats = createStore<ViewerStats>(NOBODY);
  #latest: VideoFrame | undefined;
  #silentSeconds = 0;
  #stop = (): void => undefined;

  constructor(options: StreamViewersOptions) {
    this.#options = options;
  }

  /** By id; the figures are a second old at most. */
  get stats(): Store<ViewerStats> {
    return this.#stats;
  }

  /** An id for a new reader, for its cookie. Throws `TooManyViewersError`. */
  reserve(): string {
    const { maxViewers = DEFAULT_MAX_VIEWERS } = this.#options;
    if (this.#viewers.size >= maxViewers) throw new TooManyViewersError();
    return randomBytes(8).toString("hex");
  }

  /** Sends pictures from now on; the returned function takes the reader out. */
  add(id: string, sink: PictureSink, options: StreamOptions): () => void {
    const viewer = new StreamViewer(sink, options, this.#options.clock);
    this.#viewers.set(id, viewer);
    if (this.#viewers.size === 1) this.#start();
    else if (this.#latest !== undefined) viewer.offer(this.#latest);
    this.#publish();
    return () => this.#remove(id);
  }

  /** Sends everybody away. */
  close(): void {
    for (const [id, viewer] of this.#viewers) {
      viewer.end();
      this.#remove(id);
    }
  }

  #remove(id: string): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined) return;
    this.#viewers.delete(id);
    viewer.close();
    if (this.#viewers.size === 0) {
      this.#stop();
      this.#latest = undefined;
    }
    this.#publish();
  }

  #start(): void {
    const { streamer, clock } = this.#options;
    this.#silentSeconds = 0;
    const unwatch = streamer.watch((frame) => {
      this.#latest = frame;
      for (const viewer of this.#viewers.values()) viewer.offer(frame);
    });
    const cancel = every(clock, SECOND_MS, () => this.#tick());
    this.#stop = (): void => {
      unwatch();
      cancel();
    };
  }

  #tick(): void {
    const { condition, streamer } = this.#options.streamer.state.value;
    this.#silentSeconds = streamer === null ? this.#silentSeconds + 1 : 0;
    // A source that is only started anew keeps its readers.
    if (condition === "stopped" || this.#silentSeconds >= MAX_SILENT_SECONDS) {
      this.close();
      return;
    }
    for (const [id, viewer] of this.#viewers) {
      if (viewer.tick()) continue;
      viewer.end();
      this.#remove(id);
    }
    this.#publish();
  }

  #publish(): void {
    const rows = Array.from(this.#viewers, ([id, { stat }]) => [id, stat] as const);
    this.#stats.set(rows.length === 0 ? NOBODY : Object.fromEntries(rows));
  }
}
