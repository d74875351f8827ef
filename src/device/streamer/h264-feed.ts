import type { StreamerConfig } from "../../config/schema.ts";
import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore, until } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type { VideoSource } from "../../platform/video/port.ts";
import type { AccessUnit } from "../../protocol/h264/flv.ts";
import { Demand } from "./demand.ts";
import { encodeWithFfmpeg, findFfmpegEncoder } from "./ffmpeg-encoder.ts";
import type { FfmpegEncoder } from "./ffmpeg-encoder.ts";
import { readSink, requestSinkKey, SinkSilentError } from "./sink-reader.ts";
import type { StreamerParams } from "./streamer-state.ts";
import { forEachGeneration, whileWanted } from "./while-wanted.ts";

export interface H264FeedOptions {
  readonly config: StreamerConfig;
  readonly source: VideoSource;
  readonly process: ProcessRunner;
  /** As they are set now. */
  readonly params: () => StreamerParams;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The picture as H.264 access units (Annex B), made only while somebody takes them. */
export interface H264Feed {
  /** Something on this machine makes H.264; false until that is known. */
  readonly isPossible: Store<boolean>;
  /** Somebody takes it. */
  readonly isWatched: Store<boolean>;
  start(scope: Scope): void;
  /** Begins with a key frame, which may come at once: the present group of pictures is delivered first. */
  watch(listener: (unit: AccessUnit) => void): Unsubscribe;
  /** Asks for a key frame soon; where the encoder takes no such wishes, the next one is at most two seconds away. */
  requestKey(): void;
  /** Takes the settings anew. */
  restart(): void;
}

const RETRY_MS = 1000;
/** The source is closed this long after the last listener. */
const LINGER_MS = 1000;
/** A group of pictures beyond this is not kept for newcomers. */
const MAX_KEPT_UNITS = 64;

class EncodingFeed implements H264Feed {
  readonly #options: H264FeedOptions;
  readonly #demand: Demand;
  readonly #possible = createStore(false);
  readonly #generation = createStore(0);
  readonly #listeners = new Set<{ readonly take: (unit: AccessUnit) => void }>();
  #group: AccessUnit[] = [];
  /** There is a sink that no encoder fills: a board with a device node but without the encoder behind it. */
  #isSinkUseless = false;
  #ffmpeg: Promise<FfmpegEncoder> | undefined;

  constructor(options: H264FeedOptions) {
    this.#options = options;
    this.#demand = new Demand({ clock: options.clock, forever: false, lingerMs: LINGER_MS });
  }

  get isPossible(): Store<boolean> {
    return this.#possible;
  }

  get isWatched(): Store<boolean> {
    return this.#demand.wanted;
  }

  start(scope: Scope): void {
    const { config, source } = this.#options;
    if (config.h264.encoder === "off") return;
    scope.defer(() => this.#demand.close());
    scope.defer(
      source.state.subscribe(({ h264Sink }) => {
        if (h264Sink !== null) this.#possible.set(true);
      }),
    );
    scope.task("looking for an H.264 encoder", () => this.#look());
    scope.task("h264", (signal) =>
      whileWanted(this.#demand.wanted, signal, (session) =>
        forEachGeneration(this.#generation, session, (running) => this.#encode(running)),
      ),
    );
  }

  watch(listener: (unit: AccessUnit) => void): Unsubscribe {
    const entry = { take: listener };
    const release = this.#demand.begin();
    for (const unit of this.#group) listener(unit);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
      release();
    };
  }

  requestKey(): void {
    const { source, process, config, log } = this.#options;
    const sink = source.state.value.h264Sink;
    if (sink === null) return;
    requestSinkKey(process, config.command, sink).catch((error: unknown) => {
      log.debug({ reason: describeError(error) }, "no key frame could be asked for");
    });
  }

  restart(): void {
    this.#isSinkUseless = false;
    this.#generation.set(this.#generation.value + 1);
  }

  /** Looking at the program does not prove that it has an encoder, but trying that out can wait for a listener. */
  async #look(): Promise<void> {
    const { config, process } = this.#options;
    if (config.h264.encoder === "sink") return;
    if ((await process.which(config.h264.ffmpeg)) !== undefined) this.#possible.set(true);
  }

  async #encode(signal: AbortSignal): Promise<void> {
    const { clock, log, source } = this.#options;
    while (!isAborted(signal)) {
      try {
        await until(source.state, ({ streamer }) => streamer !== null, signal);
        await this.#encodeOnce(signal);
      } catch (error) {
        this.#isSinkUseless ||= error instanceof SinkSilentError && this.#hasSignal();
        if (!isAborted(signal)) log.warn({ err: error }, "H.264 encoding ended, trying again");
      }
      this.#group = [];
      await sleep(clock, RETRY_MS, signal).catch(() => undefined);
    }
  }

  async #encodeOnce(signal: AbortSignal): Promise<void> {
    const { config, source, process, params, clock, log } = this.#options;
    const onUnit = (unit: AccessUnit): void => this.#deliver(unit);
    const sink = source.state.value.h264Sink;
    const isSinkOnly = config.h264.encoder === "sink";
    if (sink !== null && (isSinkOnly || !this.#isSinkUseless)) {
      await readSink({ process, program: config.command, sink, clock, onUnit }, signal);
      return;
    }
    if (isSinkOnly) return;
    this.#ffmpeg ??= findFfmpegEncoder(process, config.h264.ffmpeg);
    const encoder = await this.#ffmpeg.catch((error: unknown) => {
      this.#ffmpeg = undefined;
      this.#possible.set(false);
      throw error;
    });
    const { h264Bitrate, h264Gop } = params();
    log.info({ encoder: encoder.name }, "H.264 encoding started");
    await encodeWithFfmpeg(
      { process, encoder, source, bitrateKbps: h264Bitrate, gop: h264Gop, onUnit },
      signal,
    );
  }

  #hasSignal(): boolean {
    return this.#options.source.state.value.streamer?.source.online === true;
  }

  #deliver(unit: AccessUnit): void {
    if (unit.isKey) this.#group = [unit];
    else if (this.#group.length >= MAX_KEPT_UNITS) this.#group = [];
    else if (this.#group.length > 0) this.#group.push(unit);
    for (const { take } of this.#listeners) take(unit);
  }
}

export function createH264Feed(options: H264FeedOptions): H264Feed {
  return new EncodingFeed(options);
}
