import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import { FrameFanOut } from "../../src/platform/video/frame-fan-out.ts";
import { VideoUnavailableError } from "../../src/platform/video/port.ts";
import type {
  VideoCapture,
  VideoFrame,
  VideoOptions,
  VideoParams,
  VideoSource,
  VideoSourceState,
} from "../../src/platform/video/port.ts";
import type { UstreamerState } from "../../src/protocol/ustreamer/state.ts";

export const NO_VIDEO: VideoSourceState = { streamer: null, h264Sink: null, problem: null };

export function fakeFrame(change: Partial<VideoFrame> = {}): VideoFrame {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
  return { jpeg, width: 640, height: 480, isOnline: true, receivedAt: 0, timings: "", ...change };
}

export function fakeStreamerState(isOnline: boolean, quality = 80): UstreamerState {
  return {
    encoder: { type: "CPU", quality },
    source: {
      resolution: { width: 640, height: 480 },
      online: isOnline,
      desired_fps: 30,
      captured_fps: isOnline ? 30 : 0,
    },
    stream: { queued_fps: 30, clients: 1, clients_stat: { upstream: {} } },
  };
}

/** A source whose life the test decides. It answers as soon as it runs. */
export interface FakeVideo extends VideoCapture, VideoSource {
  readonly state: MutableStore<VideoSourceState>;
  readonly frames: FrameFanOut;
  /** With what it was started, in order. */
  readonly runs: readonly VideoParams[];
  readonly isRunning: boolean;
  readonly options: VideoOptions | undefined;
  /** Whether there is a signal, now and at the next start. */
  setOnline(isOnline: boolean): void;
  /** Capturing ends by itself. */
  fail(): void;
}

class ScriptedVideo implements FakeVideo {
  readonly state = createStore(NO_VIDEO);
  readonly frames = new FrameFanOut();
  readonly runs: VideoParams[] = [];
  options: VideoOptions | undefined;
  isRunning = false;
  #isOnline = true;
  #fail = (): void => undefined;

  open(options: VideoOptions): VideoSource {
    this.options = options;
    return this;
  }

  identify() {
    return Promise.resolve({ app: "ustreamer", version: "1.2", features: { A: true } });
  }

  async run(params: VideoParams, signal: AbortSignal): Promise<void> {
    this.runs.push(params);
    this.isRunning = true;
    this.#publish();
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#fail = () => resolve(new VideoUnavailableError("it ended"));
      if (signal.aborted) resolve(undefined);
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    this.isRunning = false;
    this.state.set(NO_VIDEO);
    if (error !== undefined) throw error;
  }

  watch(listener: (frame: VideoFrame) => void) {
    return this.frames.watch(listener);
  }

  snapshot() {
    if (!this.isRunning) return Promise.reject(new VideoUnavailableError());
    const frame = fakeFrame({ isOnline: this.#isOnline });
    return Promise.resolve({ frame, headers: { "X-UStreamer-Online": String(this.#isOnline) } });
  }

  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline;
    if (this.isRunning) this.#publish();
  }

  fail(): void {
    this.#fail();
  }

  #publish(): void {
    const quality = this.runs.at(-1)?.quality;
    this.state.set({ ...NO_VIDEO, streamer: fakeStreamerState(this.#isOnline, quality) });
  }
}

export function fakeVideo(): FakeVideo {
  return new ScriptedVideo();
}
