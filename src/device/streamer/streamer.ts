import type { StreamerConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore, until } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { supervise } from "../../core/supervisor.ts";
import type { PictureTools } from "../../platform/picture/port.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type {
  VideoCapture,
  VideoFrame,
  VideoIdentity,
  VideoOptions,
  VideoSnapshot,
  VideoSource,
} from "../../platform/video/port.ts";
import type { Atx } from "../atx/atx.ts";
import type { Subsystem } from "../subsystem.ts";
import { describeCondition } from "./condition.ts";
import { Demand } from "./demand.ts";
import { createH264Feed } from "./h264-feed.ts";
import type { H264Feed } from "./h264-feed.ts";
import { createOcr } from "./ocr.ts";
import type { Ocr } from "./ocr.ts";
import {
  acceptedChange,
  appliedParams,
  defaultParams,
  featuresOf,
  limitsOf,
  videoParams,
} from "./params.ts";
import { makePreview } from "./preview.ts";
import type { PreviewRequest } from "./preview.ts";
import { StreamerUnavailableError } from "./streamer-errors.ts";
import type { StreamerParams, StreamerState } from "./streamer-state.ts";
import { forEachGeneration, whileWanted } from "./while-wanted.ts";

export interface StreamerOptions {
  readonly config: StreamerConfig;
  readonly capture: VideoCapture;
  readonly pictures: PictureTools;
  readonly process: ProcessRunner;
  /** Tells a missing signal from a computer that is off. */
  readonly atx: Pick<Atx, "state">;
  /** The power light is wired: without it, dark means nothing. */
  readonly hasPowerLight: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SnapshotRequest {
  /** A picture that only says "no signal" will do. */
  readonly allowOffline: boolean;
  /** Keeps it for `savedSnapshot`. */
  readonly save: boolean;
}

/** The picture of the controlled computer (PiKVM API 4.8, 5.7). */
export interface Streamer extends Subsystem<StreamerState> {
  readonly name: "streamer";
  /** Captures until the returned function is called, and a while longer. */
  want(): Unsubscribe;
  /** Applies the settings a moment after the last change. Values out of limits are dropped; see `acceptedChange`. */
  setParams(change: Partial<StreamerParams>): void;
  /** Starts capturing anew, if it runs. */
  reset(): void;
  /** Pictures while capturing goes on; does not start it. See `VideoSource.watch`. */
  watch(listener: (frame: VideoFrame) => void): Unsubscribe;
  /**
   * One present picture; capturing is started for it if need be. Rejects with `StreamerUnavailableError`, after a few
   * seconds at most.
   */
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<VideoSnapshot>;
  savedSnapshot(): VideoSnapshot | undefined;
  forgetSnapshot(): void;
  /** A small copy of a picture. Rejects with `PictureError`. */
  preview(frame: VideoFrame, request: PreviewRequest): Promise<Uint8Array>;
  readonly h264: H264Feed;
  readonly ocr: Ocr;
  /** Name and version of the capture program; empty versions while that is not known. */
  readonly identity: Store<VideoIdentity>;
}

/** Rests between attempts of a capture program that ends by itself. */
const RESTART_STEPS_MS = [1000, 1000, 2000, 5000];
/** A program that was just started needs this long to find the signal. */
const SETTLE_MS = 2000;

function optionsFor(config: StreamerConfig): VideoOptions {
  const { command, device, format, encoder, dvTimings, dropSameFrames, slowdown } = config;
  return {
    program: command,
    device,
    format,
    encoder,
    dvTimings,
    dropSameFrames,
    slowdown,
    extraArguments: config.extraArguments,
    useSink: config.h264.encoder === "auto" || config.h264.encoder === "sink",
    statePollMs: config.pollSeconds * 1000,
  };
}

class CapturingStreamer implements Streamer {
  readonly name = "streamer";
  readonly h264: H264Feed;
  readonly ocr: Ocr;
  readonly identity = createStore<VideoIdentity>({ app: "ustreamer", version: "", features: {} });
  readonly #options: StreamerOptions;
  readonly #source: VideoSource;
  readonly #demand: Demand;
  readonly #generation = createStore(0);
  readonly #store;
  #params: StreamerParams;
  #saved: VideoSnapshot | undefined;
  #startedAt = Number.POSITIVE_INFINITY;
  #cancelRestart = (): void => undefined;

  constructor(options: StreamerOptions) {
    const { config, capture, process, pictures, clock, log } = options;
    this.#options = options;
    this.#source = capture.open(optionsFor(config));
    this.#demand = new Demand({
      clock,
      forever: config.forever && config.enabled,
      lingerMs: config.shutdownDelaySeconds * 1000,
    });
    this.#params = defaultParams(config);
    const params = (): StreamerParams => this.#params;
    const source = this.#source;
    this.h264 = createH264Feed({ config, source, process, params, clock, log });
    this.ocr = createOcr({ config: config.ocr, process, pictures });
    this.#store = createStore(this.#derive());
  }

  get state(): Store<StreamerState> {
    return this.#store;
  }

  start(scope: Scope): Promise<void> {
    const { atx, config } = this.#options;
    const derive = (): void => {
      this.#store.set(this.#derive());
    };
    const { wanted } = this.#demand;
    for (const store of [this.#source.state, wanted, atx.state, this.h264.isPossible]) {
      scope.defer(store.subscribe(derive));
    }
    scope.defer(() => {
      this.#demand.close();
      this.#cancelRestart();
    });
    derive();
    if (!config.enabled) return Promise.resolve();
    this.h264.start(scope);
    scope.task("looking at the capture program", async () => {
      this.identity.set(await this.#source.identify());
    });
    scope.task("video capture", (signal) =>
      whileWanted(wanted, signal, (session) => this.#capture(session)),
    );
    return Promise.resolve();
  }

  want(): Unsubscribe {
    return this.#demand.begin();
  }

  setParams(change: Partial<StreamerParams>): void {
    const { clock, config } = this.#options;
    const { features, limits } = this.#store.value;
    const accepted = acceptedChange(change, features, limits);
    if (Object.keys(accepted).length === 0) return;
    this.#params = { ...this.#params, ...accepted };
    this.#store.set(this.#derive());
    this.#cancelRestart();
    this.#cancelRestart = clock.setTimer(config.resetDelaySeconds * 1000, () => this.reset());
  }

  reset(): void {
    this.#cancelRestart();
    this.#generation.set(this.#generation.value + 1);
    this.h264.restart();
  }

  watch(listener: (frame: VideoFrame) => void): Unsubscribe {
    return this.#source.watch(listener);
  }

  async snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<VideoSnapshot> {
    const { config, clock } = this.#options;
    if (!config.enabled) throw new StreamerUnavailableError("Video is switched off");
    const release = this.#demand.begin();
    const deadline = new AbortController();
    const cancel = clock.setTimer(config.snapshot.timeoutSeconds * 1000, () => deadline.abort());
    try {
      const snapshot = await this.#take(request, AbortSignal.any([signal, deadline.signal]));
      if (request.save) this.#save(snapshot);
      return snapshot;
    } catch (error) {
      if (error instanceof StreamerUnavailableError) throw error;
      throw new StreamerUnavailableError(describeError(error), { cause: error });
    } finally {
      cancel();
      release();
    }
  }

  savedSnapshot(): VideoSnapshot | undefined {
    return this.#saved;
  }

  forgetSnapshot(): void {
    this.#save(undefined);
  }

  preview(frame: VideoFrame, request: PreviewRequest): Promise<Uint8Array> {
    return makePreview(frame, request, this.#options.pictures);
  }

  #save(snapshot: VideoSnapshot | undefined): void {
    this.#saved = snapshot;
    this.#store.set(this.#derive());
  }

  async #take({ allowOffline }: SnapshotRequest, signal: AbortSignal): Promise<VideoSnapshot> {
    const { state } = this.#source;
    const { streamer, problem } = await until(
      state,
      (value) => value.streamer !== null || value.problem?.kind === "no-program",
      signal,
    );
    if (streamer === null) throw new StreamerUnavailableError(problem?.message);
    if (!allowOffline) await this.#untilSettled(signal);
    const snapshot = await this.#source.snapshot(signal);
    if (snapshot.frame.isOnline || allowOffline) return snapshot;
    throw new StreamerUnavailableError(this.#store.value.message);
  }

  /** Resolves when there is a signal, or when a source that was just started had its time to find one. */
  async #untilSettled(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const leftMs = this.#startedAt + SETTLE_MS - clock.monotonic();
    if (leftMs <= 0) return;
    const patience = new AbortController();
    const cancel = clock.setTimer(leftMs, () => patience.abort());
    const either = AbortSignal.any([signal, patience.signal]);
    const { state } = this.#source;
    await until(state, ({ streamer }) => streamer?.source.online === true, either).catch(
      () => undefined,
    );
    cancel();
  }

  #capture(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const backoff = { stepsMs: RESTART_STEPS_MS };
    return forEachGeneration(this.#generation, signal, (session) =>
      supervise(
        { name: "video capture", clock, log, signal: session, backoff },
        async (running) => {
          this.#startedAt = clock.monotonic();
          await this.#source.run(videoParams(this.#params), running);
        },
      ),
    );
  }

  #derive(): StreamerState {
    const { config, atx, hasPowerLight } = this.#options;
    const source = this.#source.state.value;
    const { wanted } = this.#demand;
    const params = this.#params;
    const frame = this.#saved?.frame;
    const facts = { isEnabled: config.enabled, isWanted: wanted.value, source };
    const { enabled, leds } = atx.state.value;
    const isPoweredOff = hasPowerLight && enabled && !leds.power;
    return {
      ...describeCondition({ ...facts, isPoweredOff }),
      features: featuresOf(config, this.h264.isPossible.value),
      limits: limitsOf(config),
      params,
      applied: appliedParams(params, source.streamer),
      saved:
        frame === undefined
          ? null
          : { online: frame.isOnline, width: frame.width, height: frame.height },
      streamer: source.streamer,
    };
  }
}

/** Captures nothing before it is started and somebody looks. */
export function createStreamer(options: StreamerOptions): Streamer {
  return new CapturingStreamer(options);
}
