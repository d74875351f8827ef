import type { UstreamerState } from "../../protocol/ustreamer/state.ts";

/** What there is to see, for people and programs. */
export type StreamerCondition =
  | "disabled"
  | "stopped"
  | "starting"
  | "ok"
  | "no-signal"
  | "computer-off"
  | "no-device"
  | "no-program"
  | "failed";

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** Which settings there are (PiKVM API 4.8). */
export interface StreamerFeatures {
  readonly quality: boolean;
  readonly resolution: boolean;
  readonly h264: boolean;
}

export interface StreamerLimits {
  readonly desiredFps: NumberRange;
  readonly h264Bitrate: NumberRange;
  readonly h264Gop: NumberRange;
  readonly resolutions: readonly string[];
}

export interface StreamerParams {
  readonly desiredFps: number;
  /** 1..100; 0 where it cannot be set. */
  readonly quality: number;
  /** `WIDTHxHEIGHT`; empty where it cannot be set. */
  readonly resolution: string;
  /** Kilobits per second. */
  readonly h264Bitrate: number;
  readonly h264Gop: number;
}

/** What is known of the snapshot that was kept. */
export interface SavedSnapshot {
  readonly online: boolean;
  readonly width: number;
  readonly height: number;
}

export interface StreamerState {
  readonly condition: StreamerCondition;
  /** The condition as a sentence; names the cure where there is one. */
  readonly message: string;
  readonly features: StreamerFeatures;
  readonly limits: StreamerLimits;
  /** As they are set. */
  readonly params: StreamerParams;
  /** As the running source has them; where it does not say, as they are set. */
  readonly applied: StreamerParams;
  readonly saved: SavedSnapshot | null;
  /** What the capture program says about itself; null while it does not run or does not answer. */
  readonly streamer: UstreamerState | null;
}
