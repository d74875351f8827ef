/** Checks of values for images, video and multiport units; see `validators.ts` for the conventions. */
import {
  KvmdValidatorError,
  notValid,
  stripped,
  validateFloat,
  validateInt,
  validateWord,
} from "./validators.ts";
import type { Raw } from "./validators.ts";

const UNPRINTABLE = /(?! )[\p{C}\p{Z}]/gu;
const MAX_NAME_BYTES = 255;
const MAX_PATH_LENGTH = 4096;
const encoder = new TextEncoder();

/** The longest start of `text` that fits in 255 bytes of UTF-8, which is what file systems allow. */
function cutName(text: string): string {
  if (encoder.encode(text).length <= MAX_NAME_BYTES) return text;
  let bytes = 0;
  let cut = "";
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    cut += character;
  }
  return cut;
}

function checkImagePart(part: string): string {
  const name = cutName(part.replaceAll(UNPRINTABLE, "_"));
  if (name.startsWith(".") || name === "lost+found") throw notValid(part, "MSD image name");
  return name;
}

/** A path inside the image storage: relative, without hidden parts; empty only with `eject`. */
export function validateMsdImageName(raw: Raw, options: { readonly eject?: boolean } = {}): string {
  const text = stripped(raw, "stripped string");
  if (text === "" && options.eject === true) return "";
  if (text.length > MAX_PATH_LENGTH) {
    throw new KvmdValidatorError("The argument is not a valid MSD image name: RAW limit exceed");
  }
  const parts = text
    .split("/")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw notValid(text, "MSD image name");
  return parts.map(checkImagePart).join("/");
}

/** An address with the scheme http or https. */
export function validateUrl(raw: Raw): string {
  const text = stripped(raw, "HTTPS|HTTP URL");
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw notValid(text, "HTTPS|HTTP URL");
  return text;
}

export function validateStreamQuality(raw: Raw): number {
  return validateInt(raw, { min: 1, max: 100, name: "stream quality" });
}

export function validateStreamFps(raw: Raw): number {
  return validateInt(raw, { min: 0, max: 120, name: "stream FPS" });
}

/** Group of pictures of the H.264 encoder, in frames. */
export function validateStreamGop(raw: Raw): number {
  return validateInt(raw, { min: 0, max: 60, name: "stream H264 GOP" });
}

/** Kilobits per second of the H.264 encoder. */
export function validateStreamBitrate(raw: Raw): number {
  return validateInt(raw, { min: 25, max: 20_000, name: "stream H264 bitrate" });
}

/** `WIDTHxHEIGHT`, both at least 1, without leading zeros or signs in the result. */
export function validateStreamResolution(raw: Raw): string {
  const text = stripped(raw, "stream resolution");
  const [width, height, ...rest] = text.toLowerCase().split("x");
  const isPair = /^\d{1,6}$/.test(width ?? "") && /^\d{1,6}$/.test(height ?? "");
  if (!isPair || rest.length > 0) throw notValid(text, "stream resolution");
  if (Number(width) < 1 || Number(height) < 1) throw notValid(text, "stream resolution");
  return `${Number(width)}x${Number(height)}`;
}

/** Printable, with single spaces, at most 255 characters; may be empty. */
export function validatePortName(raw: Raw): string {
  return stripped(raw, "switch port name")
    .replaceAll(/\s+/g, " ")
    .replaceAll(UNPRINTABLE, "_")
    .slice(0, 255);
}

const UUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A stored EDID's id in lower case; the word `default` only where stated. */
export function validateEdidId(
  raw: Raw,
  options: { readonly allowDefault?: boolean } = {},
): string {
  const text = stripped(raw, "switch EDID ID");
  const id = text.toLowerCase();
  if (id === "default" && options.allowDefault === true) return id;
  if (!UUID_PATTERN.test(id)) throw notValid(text, "switch EDID ID");
  return id;
}

/** One or two EDID blocks as upper-case hexadecimal digits. */
export function validateEdidData(raw: Raw): string {
  const text = stripped(raw, "switch EDID data");
  const digits = text.replaceAll(/\s+/g, "");
  if (!/^(?:[0-9a-f]{256}|[0-9a-f]{512})$/i.test(digits)) {
    throw new KvmdValidatorError("The argument is not a valid switch EDID data");
  }
  return digits.toUpperCase();
}

/** `RRGGBB:BB:MMMM` (color, brightness, blink milliseconds) in upper case; `default` only where stated. */
export function validateColor(raw: Raw, options: { readonly allowDefault?: boolean } = {}): string {
  const text = stripped(raw, "switch color");
  if (options.allowDefault === true && text.toLowerCase() === "default") return "default";
  if (!/^[0-9a-f]{6}:[0-9a-f]{2}:[0-9a-f]{4}$/i.test(text)) throw notValid(text, "switch color");
  return text.toUpperCase();
}

/** Length of a click of a multiport unit in seconds; 0 restores the default. */
export function validateSwitchDelay(raw: Raw): number {
  return validateFloat(raw, { min: 0, max: 10, name: "ATX delay" });
}

export const COMPRESSION_MODES = ["", "none", "lzma", "zstd"] as const;
export type CompressionMode = (typeof COMPRESSION_MODES)[number];

export function validateCompression(raw: Raw): CompressionMode {
  return validateWord(raw, COMPRESSION_MODES, "Compression mode");
}
