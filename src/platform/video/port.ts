import { AppError } from "../../core/errors.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { UstreamerState } from "../../protocol/ustreamer/state.ts";

/** How the picture is captured; fixed while the program runs. */
export interface VideoOptions {
  /** The capture program, a name or a path. */
  readonly program: string;
  /** Device node, or "auto" for the first that is found. */
  readonly device: string;
  /** Pixel format; "auto" for what fits the device. */
  readonly format: string;
  readonly encoder: string;
  readonly dvTimings: boolean | "auto";
  readonly dropSameFrames: number;
  readonly slowdown: boolean;
  readonly extraArguments: readonly string[];
  /** Offers H.264 through a memory sink where program and machine can. */
  readonly useSink: boolean;
  readonly statePollMs: number;
}

/** What can be changed at run time, by starting anew. */
export interface VideoParams {
  readonly desiredFps: number;
  /** JPEG quality; 0 leaves it to the source. */
  readonly quality: number;
  /** `WIDTHxHEIGHT`; empty leaves it to the source. */
  readonly resolution: string;
  readonly h264BitrateKbps: number;
  readonly h264Gop: number;
}

/** A complete picture. Shared by everybody who gets it: nobody changes the bytes. */
export interface VideoFrame {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** False: a picture that stands in for a missing signal. */
  readonly isOnline: boolean;
  /** When it reached this process, epoch milliseconds. */
  readonly receivedAt: number;
  /** Header lines of the source about its own timing, each with CRLF; may be empty. */
  readonly timings: string;
}

/** A picture on request, with the headers that go with it (`X-UStreamer-*`, `X-Timestamp`). */
export interface VideoSnapshot {
  readonly frame: VideoFrame;
  readonly headers: Readonly<Record<string, string>>;
}

export interface VideoProblem {
  readonly kind: "no-program" | "no-device" | "failed";
  /** For people; names the cure. */
  readonly message: string;
}

export interface VideoSourceState {
  /** What the source says about itself; null while it does not run or does not answer. */
  readonly streamer: UstreamerState | null;
  /** Name of the memory sink with H.264, while there is one. */
  readonly h264Sink: string | null;
  readonly problem: VideoProblem | null;
}

/** Name and version for clients, and what it was built with. */
export interface VideoIdentity {
  readonly app: string;
  readonly version: string;
  readonly features: Readonly<Record<string, boolean>>;
}

/** The source is not running, or does not deliver. */
export class VideoUnavailableError extends AppError {
  static readonly code = "VIDEO_UNAVAILABLE";
  constructor(message = "There is no picture", options?: ErrorOptions) {
    super("unavailable", VideoUnavailableError.code, message, options);
  }
}

/** One place where pictures come from. */
export interface VideoSource {
  readonly state: Store<VideoSourceState>;
  /** Cached; an empty version when the source is missing. Never rejects. */
  identify(): Promise<VideoIdentity>;
  /**
   * Captures until aborted, and resolves when everything is released. Rejects when capturing ends by itself
   * (`VideoUnavailableError`) or cannot begin (`MissingPartError`). Not called again before it has returned.
   */
  run(params: VideoParams, signal: AbortSignal): Promise<void>;
  /**
   * Pictures as they come, while it runs; at least one a second. The source is asked for them once, however many
   * listeners there are. A listener must not throw and must be quick.
   */
  watch(listener: (frame: VideoFrame) => void): Unsubscribe;
  /** One present picture. Rejects with `VideoUnavailableError`. */
  snapshot(signal: AbortSignal): Promise<VideoSnapshot>;
}

/** Gives access to capture hardware. */
export interface VideoCapture {
  /** Costs nothing until the source is used. */
  open(options: VideoOptions): VideoSource;
}
