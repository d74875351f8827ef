import type { StreamerConfig } from "../../config/schema.ts";
import type { UstreamerState } from "../../protocol/ustreamer/state.ts";
import type { VideoParams } from "../../platform/video/port.ts";
import {
  StreamerH264NotSupportedError,
  StreamerQualityNotSupportedError,
  StreamerResolutionNotSupportedError,
} from "./streamer-errors.ts";
import type {
  NumberRange,
  StreamerFeatures,
  StreamerLimits,
  StreamerParams,
} from "./streamer-state.ts";

/** Which settings are offered; `canH264` says whether anything here makes H.264. */
export function featuresOf(config: StreamerConfig, canH264: boolean): StreamerFeatures {
  const { quality, resolution, h264 } = config;
  return {
    quality: quality > 0,
    resolution: resolution.available.length > 0,
    h264: canH264 && h264.encoder !== "off" && h264.bitrate.default > 0,
  };
}

export function limitsOf({ desiredFps, h264, resolution }: StreamerConfig): StreamerLimits {
  const range = ({ min, max }: NumberRange): NumberRange => ({ min, max });
  return {
    desiredFps: range(desiredFps),
    h264Bitrate: range(h264.bitrate),
    h264Gop: range(h264.gop),
    resolutions: resolution.available,
  };
}

export function defaultParams(config: StreamerConfig): StreamerParams {
  return {
    desiredFps: config.desiredFps.default,
    quality: config.quality,
    resolution: config.resolution.default,
    h264Bitrate: config.h264.bitrate.default,
    h264Gop: config.h264.gop.default,
  };
}

function isWithin(value: number, { min, max }: NumberRange): boolean {
  return value >= min && value <= max;
}

type Entry = readonly [name: keyof StreamerParams, value: number | string];

function isAllowed([name, value]: Entry, limits: StreamerLimits): boolean {
  if (typeof value === "string") return limits.resolutions.includes(value);
  switch (name) {
    case "desiredFps":
      return isWithin(value, limits.desiredFps);
    case "h264Bitrate":
      return isWithin(value, limits.h264Bitrate);
    case "h264Gop":
      return isWithin(value, limits.h264Gop);
    default:
      return true;
  }
}

/**
 * What of a change takes effect: values outside the limits are left out, as PiKVM does. Throws for settings that this
 * device does not have.
 */
export function acceptedChange(
  change: Partial<StreamerParams>,
  features: StreamerFeatures,
  limits: StreamerLimits,
): Partial<StreamerParams> {
  if (change.quality !== undefined && !features.quality) {
    throw new StreamerQualityNotSupportedError();
  }
  if (change.resolution !== undefined && !features.resolution) {
    throw new StreamerResolutionNotSupportedError();
  }
  const wantsH264 = change.h264Bitrate !== undefined || change.h264Gop !== undefined;
  if (wantsH264 && !features.h264) throw new StreamerH264NotSupportedError();
  const entries = Object.entries(change).filter(([name, value]) =>
    isAllowed([keyOf(name), value], limits),
  );
  return Object.fromEntries(entries);
}

const KEYS: readonly (keyof StreamerParams)[] = [
  "desiredFps",
  "quality",
  "resolution",
  "h264Bitrate",
  "h264Gop",
];

function keyOf(name: string): keyof StreamerParams {
  return KEYS.find((key) => key === name) ?? "quality";
}

/** The set values with what the running program says about itself. */
export function appliedParams(
  params: StreamerParams,
  streamer: UstreamerState | null,
): StreamerParams {
  if (streamer === null) return params;
  const { encoder, source, h264 } = streamer;
  const { width, height } = source.resolution;
  return {
    desiredFps: source.desired_fps,
    quality: params.quality === 0 ? 0 : encoder.quality,
    resolution: params.resolution === "" ? "" : `${width}x${height}`,
    h264Bitrate: h264?.bitrate ?? params.h264Bitrate,
    h264Gop: h264?.gop ?? params.h264Gop,
  };
}

export function videoParams(params: StreamerParams): VideoParams {
  const { desiredFps, quality, resolution, h264Bitrate, h264Gop } = params;
  return { desiredFps, quality, resolution, h264BitrateKbps: h264Bitrate, h264Gop };
}
