import type { RawData } from "ws";

/** RFC 6455 5.5.1: a close frame has room for so many bytes of reason. */
const MOST_REASON_BYTES = 123;

/** One buffer, however `ws` delivers a message. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** As much of a text as a close frame has room for, never cut within a character. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text).subarray(0, MOST_REASON_BYTES);
  // A stream's decoder keeps the beginning of a character for later.
  return new TextDecoder().decode(bytes, { stream: true });
}
