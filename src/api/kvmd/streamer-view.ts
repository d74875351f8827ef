/** The picture's state on the wire (PiKVM API 4.8). Additional to the original: `farhand`, the state in plain words. */
import type { OcrState } from "../../device/streamer/ocr.ts";
import type {
  StreamerFeatures,
  StreamerParams,
  StreamerState,
} from "../../device/streamer/streamer-state.ts";
import type { StreamClientStat } from "../../protocol/ustreamer/state.ts";

/** Readers of the picture by id, as clients find themselves in `clients_stat`. */
export type ViewerStats = Readonly<Record<string, StreamClientStat>>;

export interface ViewFacts {
  readonly state: StreamerState;
  readonly viewers: ViewerStats;
  /** Somebody takes H.264. */
  readonly hasH264Clients: boolean;
}

function paramsView(params: StreamerParams, features: StreamerFeatures) {
  return {
    desired_fps: params.desiredFps,
    ...(features.quality ? { quality: params.quality } : {}),
    ...(features.resolution ? { resolution: params.resolution } : {}),
    ...(features.h264 ? { h264_bitrate: params.h264Bitrate, h264_gop: params.h264Gop } : {}),
  };
}

function limitsView({ limits, features }: StreamerState) {
  return {
    desired_fps: limits.desiredFps,
    ...(features.resolution ? { available_resolutions: limits.resolutions } : {}),
    ...(features.h264 ? { h264_bitrate: limits.h264Bitrate, h264_gop: limits.h264Gop } : {}),
  };
}

/**
 * What the capture program says, with what it cannot know: it has one reader, this daemon, which passes the picture on
 * to all others. What older versions leave out is filled in.
 */
export function sourceView({ state, viewers, hasH264Clients }: ViewFacts) {
  const { streamer, features, applied } = state;
  if (streamer === null) return null;
  const clients = Object.keys(viewers).length;
  const h264 = {
    bitrate: applied.h264Bitrate,
    gop: applied.h264Gop,
    online: hasH264Clients && streamer.source.online,
    fps: hasH264Clients ? streamer.source.captured_fps : 0,
  };
  return {
    instance_id: "",
    ...streamer,
    ...(features.h264 ? { h264: streamer.h264 ?? h264 } : {}),
    sinks: {
      jpeg: { has_clients: clients > 0 },
      ...(features.h264 ? { h264: { has_clients: hasH264Clients } } : {}),
    },
    stream: { ...streamer.stream, clients, clients_stat: viewers },
  };
}

/** The full state. */
export function streamerView(facts: ViewFacts) {
  const { state } = facts;
  const { features, params, applied, saved, condition, message } = state;
  return {
    features,
    limits: limitsView(state),
    params: paramsView(params, features),
    applied: paramsView(applied, features),
    snapshot: { saved },
    streamer: sourceView(facts),
    farhand: { condition, message },
  };
}

export type StreamerWire = ReturnType<typeof streamerView>;

export function ocrView({ enabled, defaultLanguages, languages }: OcrState) {
  return { enabled, langs: { default: defaultLanguages, available: languages } };
}
