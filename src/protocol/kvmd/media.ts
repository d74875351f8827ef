/** Frames and messages of `/api/media/ws` (PiKVM API 6.2). */

/** What a browser's decoder is told about the H.264 stream: constrained baseline, level 3.1. */
export const PROFILE_LEVEL_ID = "42E01F";

export const MEDIA_FORMATS = ["h264", "jpeg"] as const;
export type MediaFormat = (typeof MEDIA_FORMATS)[number];

export const MEDIA_PONG = Uint8Array.of(0xff);

const VIDEO = 0x01;

/** What a client may ask for. */
export function mediaTree(hasH264: boolean) {
  const h264 = hasH264 ? { h264: { profile_level_id: PROFILE_LEVEL_ID } } : {};
  return { video: { ...h264, jpeg: {} } };
}

/** A picture with its two bytes of header. */
export function encodeMediaFrame(isKey: boolean, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(data.length + 2);
  frame[0] = VIDEO;
  frame[1] = isKey ? 1 : 0;
  frame.set(data, 2);
  return frame;
}

/** What a client says. */
export type MediaRequest =
  | { readonly kind: "ping" | "key" | "unknown" }
  | { readonly kind: "start"; readonly format: MediaFormat };

const UNKNOWN: MediaRequest = { kind: "unknown" };

/** One byte: 0 ping, 1 key frame wanted. */
export function decodeMediaBinary(bytes: Uint8Array): MediaRequest {
  switch (bytes[0]) {
    case 0:
      return { kind: "ping" };
    case 1:
      return { kind: "key" };
    default:
      return UNKNOWN;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

export function isMediaFormat(value: unknown): value is MediaFormat {
  return MEDIA_FORMATS.some((format) => format === value);
}

/** `start` and `ping` as JSON events. */
export function decodeMediaText(text: string): MediaRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return UNKNOWN;
  }
  if (!isFields(value) || !isFields(value["event"])) return UNKNOWN;
  if (value["event_type"] === "ping") return { kind: "ping" };
  const { type, format } = value["event"];
  const isStart = value["event_type"] === "start" && type === "video";
  return isStart && isMediaFormat(format) ? { kind: "start", format } : UNKNOWN;
}
