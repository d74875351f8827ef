/** The picture stream as ustreamer writes it (hardware facts 6.2, PiKVM API 6.1). */

export const BOUNDARY = "boundarydonotcross";

/** What a reader asks for in the query of `/stream`. */
export interface StreamOptions {
  /** Opaque text that the reader recognizes itself by. */
  readonly key: string;
  readonly extraHeaders: boolean;
  /** The headers of the next part follow the picture at once, without Content-Length. */
  readonly advanceHeaders: boolean;
  /** The last picture is repeated when nothing follows it. */
  readonly dualFinalFrames: boolean;
  readonly zeroData: boolean;
}

/** What the extra headers tell. */
export interface PartFacts {
  readonly isOnline: boolean;
  readonly width: number;
  readonly height: number;
  /** Pictures that this reader did not get since the one before. */
  readonly dropped: number;
  readonly clientFps: number;
  /** Header lines of the source about its own timing, each with CRLF; may be empty. */
  readonly timings: string;
}

export const NO_CACHE_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control":
    "no-store, no-cache, must-revalidate, proxy-revalidate, pre-check=0, post-check=0, max-age=0",
  Pragma: "no-cache",
  Expires: "Mon, 3 Jan 2000 12:34:56 GMT",
};

export const STREAM_TYPE = `multipart/x-mixed-replace;boundary=${BOUNDARY}`;

/** The cookie by which a page finds its own row in `clients_stat`. */
export function clientCookie(key: string, id: string, instanceId: string): string {
  const name = instanceId === "" ? "stream_client" : `stream_client_${instanceId}`;
  return `${name}=${key === "" ? "0" : key}/${id}; path=/; max-age=30`;
}

/** Seconds with six decimals of epoch milliseconds. */
export function timestampOf(epochMs: number): string {
  return (epochMs / 1000).toFixed(6);
}

const advance = (epochMs: number): string =>
  `Content-Type: image/jpeg\r\nX-Timestamp: ${timestampOf(epochMs)}\r\n\r\n`;

/** What precedes the first picture. */
export function streamStart(options: StreamOptions, epochMs: number): string {
  const opening = `--${BOUNDARY}\r\n`;
  return options.advanceHeaders ? opening + advance(epochMs) : opening;
}

function extraLines(facts: PartFacts): string {
  return (
    `X-UStreamer-Online: ${facts.isOnline}\r\n` +
    `X-UStreamer-Dropped: ${facts.dropped}\r\n` +
    `X-UStreamer-Width: ${facts.width}\r\n` +
    `X-UStreamer-Height: ${facts.height}\r\n` +
    `X-UStreamer-Client-FPS: ${facts.clientFps}\r\n${facts.timings}`
  );
}

/** What precedes a picture of `length` bytes; empty when its headers were sent in advance. */
export function partHead(
  options: StreamOptions,
  length: number,
  epochMs: number,
  facts: PartFacts,
): string {
  if (options.advanceHeaders) return "";
  const announced = options.zeroData ? 0 : length;
  const extra = options.extraHeaders ? extraLines(facts) : "";
  return (
    `Content-Type: image/jpeg\r\nContent-Length: ${announced}\r\n` +
    `X-Timestamp: ${timestampOf(epochMs)}\r\n${extra}\r\n`
  );
}

/** What follows a picture. */
export function partTail(options: StreamOptions, epochMs: number): string {
  const closing = `\r\n--${BOUNDARY}\r\n`;
  return options.advanceHeaders ? closing + advance(epochMs) : closing;
}
