import type { PictureSize, PictureTools } from "../../platform/picture/port.ts";
import type { VideoFrame } from "../../platform/video/port.ts";

/** What a preview may measure; 0 stands for any (PiKVM API 4.8). */
export interface PreviewRequest {
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** 1..100. */
  readonly quality: number;
}

/** With no bound at all a preview is this part of the picture. */
const DEFAULT_SHARE = 5;

/** The size of a preview: within the bounds, in the picture's proportions, never larger than the picture. */
export function previewSize(
  { width, height }: PictureSize,
  { maxWidth, maxHeight }: PreviewRequest,
): PictureSize {
  const hasBounds = maxWidth > 0 || maxHeight > 0;
  const boundWidth = hasBounds ? maxWidth || width : Math.floor(width / DEFAULT_SHARE);
  const boundHeight = hasBounds ? maxHeight || height : Math.floor(height / DEFAULT_SHARE);
  const scale = Math.min(1, boundWidth / width, boundHeight / height);
  const scaled = (length: number): number => Math.max(1, Math.floor(length * scale));
  return { width: scaled(width), height: scaled(height) };
}

/** A small copy of the picture; the picture itself when it is small enough. Rejects with `PictureError`. */
export function makePreview(
  frame: VideoFrame,
  request: PreviewRequest,
  pictures: Pick<PictureTools, "resize">,
): Promise<Uint8Array> {
  const size = previewSize(frame, request);
  if (size.width === frame.width && size.height === frame.height) {
    return Promise.resolve(frame.jpeg);
  }
  return pictures.resize(frame.jpeg, size, request.quality);
}
