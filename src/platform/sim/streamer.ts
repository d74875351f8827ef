/** The simulated capture hardware: a picture drawn from the model of the controlled computer. */
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { timestampOf } from "../../protocol/ustreamer/multipart-writer.ts";
import type { UstreamerState } from "../../protocol/ustreamer/state.ts";
import { FrameFanOut } from "../video/frame-fan-out.ts";
import { VideoUnavailableError } from "../video/port.ts";
import type {
  VideoCapture,
  VideoFrame,
  VideoIdentity,
  VideoParams,
  VideoSnapshot,
  VideoSource,
  VideoSourceState,
} from "../video/port.ts";
import { SCREEN_HEIGHT, SCREEN_WIDTH, ScreenPainter } from "./screen-painter.ts";
import type { TargetPc } from "./target-pc.ts";

/** The cursor blinks and the bar moves this often when nothing else happens. */
const IDLE_MS = 500;
const FPS_WINDOW_MS = 1000;
const MAX_FPS = 60;
const DEFAULT_QUALITY = 80;
const STOPPED: VideoSourceState = { streamer: null, h264Sink: null, problem: null };

class SimVideoSource implements VideoSource {
  readonly #target: TargetPc;
  readonly #clock: Clock;
  readonly #store = createStore<VideoSourceState>(STOPPED);
  readonly #frames = new FrameFanOut();
  #painter = new ScreenPainter(DEFAULT_QUALITY);
  #step = 0;
  #drawn = 0;
  #fps = 0;

  constructor(target: TargetPc, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  get state(): Store<VideoSourceState> {
    return this.#store;
  }

  identify(): Promise<VideoIdentity> {
    return Promise.resolve({ app: "ustreamer", version: "simulated", features: {} });
  }

  watch(listener: (frame: VideoFrame) => void): Unsubscribe {
    return this.#frames.watch(listener);
  }

  snapshot(): Promise<VideoSnapshot> {
    if (this.#store.value.streamer === null) return Promise.reject(new VideoUnavailableError());
    const frame = this.#draw();
    const headers = {
      "X-Timestamp": timestampOf(frame.receivedAt),
      "X-UStreamer-Online": String(frame.isOnline),
      "X-UStreamer-Width": String(frame.width),
      "X-UStreamer-Height": String(frame.height),
    };
    return Promise.resolve({ frame, headers });
  }

  async run(params: VideoParams, signal: AbortSignal): Promise<void> {
    if (params.quality > 0) this.#painter = new ScreenPainter(params.quality);
    const publish = (): void => {
      this.#store.set({ ...STOPPED, streamer: this.#describe(params) });
    };
    // Several changes in a row end up in one picture.
    let wake = (): void => undefined;
    const stops = [
      this.#target.state.subscribe(() => wake()),
      this.#frames.watched.subscribe(() => wake()),
      this.#target.state.subscribe(publish),
      this.#everySecond(publish),
    ];
    publish();
    const intervalMs = 1000 / (params.desiredFps > 0 ? params.desiredFps : MAX_FPS);
    try {
      while (!signal.aborted) {
        const woken = new AbortController();
        wake = (): void => woken.abort();
        if (this.#frames.watched.value) this.#frames.emit(this.#draw());
        await sleep(this.#clock, intervalMs, signal);
        const pause = AbortSignal.any([signal, woken.signal]);
        await sleep(this.#clock, IDLE_MS, pause).catch(() => undefined);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const stop of stops) stop();
      this.#store.set(STOPPED);
    }
  }

  #everySecond(publish: () => void): () => void {
    let cancel = (): void => undefined;
    const arm = (): void => {
      cancel = this.#clock.setTimer(FPS_WINDOW_MS, () => {
        this.#fps = this.#drawn;
        this.#drawn = 0;
        publish();
        arm();
      });
    };
    arm();
    return () => cancel();
  }

  #draw(): VideoFrame {
    this.#step += 1;
    this.#drawn += 1;
    const receivedAt = this.#clock.now();
    const isCursorLit = Math.floor(receivedAt / IDLE_MS) % 2 === 0;
    const state = this.#target.state.value;
    return {
      jpeg: this.#painter.paint(state, { isCursorLit, step: this.#step }),
      width: SCREEN_WIDTH,
      height: SCREEN_HEIGHT,
      isOnline: state.power,
      receivedAt,
      timings: "",
    };
  }

  #describe(params: VideoParams): UstreamerState {
    const { power } = this.#target.state.value;
    return {
      encoder: { type: "CPU", quality: params.quality > 0 ? params.quality : DEFAULT_QUALITY },
      source: {
        resolution: { width: SCREEN_WIDTH, height: SCREEN_HEIGHT },
        online: power,
        desired_fps: params.desiredFps,
        captured_fps: power ? this.#fps : 0,
      },
      stream: { queued_fps: this.#fps, clients: 0, clients_stat: {} },
    };
  }
}

/** A camera on the simulated computer's screen. Draws only while somebody looks. */
export function createSimVideoCapture(target: TargetPc, clock: Clock): VideoCapture {
  return { open: () => new SimVideoSource(target, clock) };
}
