import { AppError } from "../../core/errors.ts";
import { concatBytes } from "../../core/bytes.ts";

/** The stream is not what it says it is, or a part of it is larger than allowed. */
export class MultipartError extends AppError {
  static readonly code = "MULTIPART";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", MultipartError.code, message, options);
  }
}

/** Header names in lower case. */
export type PartHeaders = ReadonlyMap<string, string>;

/** Takes a complete part; the body is the receiver's to keep. */
export type PartListener = (headers: PartHeaders, body: Uint8Array) => void;

export interface MultipartLimits {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
}

const DEFAULT_LIMITS: MultipartLimits = {
  maxHeaderBytes: 8 * 1024,
  maxBodyBytes: 16 * 1024 * 1024,
};

const NOTHING = new Uint8Array(0);
const HEADER_END = new TextEncoder().encode("\r\n\r\n");
const decoder = new TextDecoder("latin1");

/** First place of `pattern` at or after `from`, or -1. */
function indexOf(bytes: Uint8Array, pattern: Uint8Array, from = 0): number {
  const [first = 0] = pattern;
  const last = bytes.length - pattern.length;
  for (
    let at = bytes.indexOf(first, from);
    at >= 0 && at <= last;
    at = bytes.indexOf(first, at + 1)
  ) {
    let length = 1;
    while (length < pattern.length && bytes[at + length] === pattern[length]) length += 1;
    if (length === pattern.length) return at;
  }
  return -1;
}

/** A body of announced length on its way in. */
interface SizedBody {
  readonly bytes: Uint8Array;
  filled: number;
}

/**
 * Takes `multipart/x-mixed-replace` apart as it arrives, in chunks of any size. A part with Content-Length is delivered
 * with its last byte; one without (`advance_headers`) as soon as the following boundary is there. Never holds more than
 * one part. Throws `MultipartError` from `push` when the stream is broken; the parser is useless afterwards.
 */
export class MultipartParser {
  readonly #opening: string;
  readonly #delimiter: Uint8Array;
  readonly #limits: MultipartLimits;
  readonly #onPart: PartListener;
  #pending: Uint8Array = NOTHING;
  #headers: PartHeaders | undefined;
  #sized: SizedBody | undefined;

  constructor(boundary: string, onPart: PartListener, limits: MultipartLimits = DEFAULT_LIMITS) {
    this.#opening = `--${boundary}`;
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    this.#onPart = onPart;
    this.#limits = limits;
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#sized !== undefined) rest = this.#fill(this.#sized, rest);
      else if (this.#headers === undefined) rest = this.#readHeaders(rest);
      else rest = this.#findDelimiter(rest, this.#headers);
    }
  }

  #readHeaders(chunk: Uint8Array): Uint8Array {
    const bytes = this.#pending.length === 0 ? chunk : concatBytes(this.#pending, chunk);
    const end = indexOf(bytes, HEADER_END);
    if (
      end > this.#limits.maxHeaderBytes ||
      (end < 0 && bytes.length > this.#limits.maxHeaderBytes)
    ) {
      throw new MultipartError("The headers of a part do not end");
    }
    if (end < 0) {
      this.#pending = bytes === chunk ? bytes.slice() : bytes;
      return NOTHING;
    }
    this.#pending = NOTHING;
    this.#begin(this.#parseHeaders(decoder.decode(bytes.subarray(0, end))));
    return bytes.subarray(end + HEADER_END.length);
  }

  #parseHeaders(text: string): PartHeaders {
    const lines = text.split("\r\n");
    const opening = lines.indexOf(this.#opening);
    if (opening < 0) throw new MultipartError("A part does not begin with the boundary");
    const headers = new Map<string, string>();
    for (const line of lines.slice(opening + 1)) {
      const colon = line.indexOf(":");
      if (colon > 0)
        headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return headers;
  }

  #begin(headers: PartHeaders): void {
    this.#headers = headers;
    const announced = headers.get("content-length");
    if (announced === undefined) return;
    const length = /^\d{1,9}$/.test(announced) ? Number(announced) : Number.NaN;
    if (!(length <= this.#limits.maxBodyBytes)) {
      throw new MultipartError(`A part announces a length of ${announced}`);
    }
    this.#sized = { bytes: new Uint8Array(length), filled: 0 };
    if (length === 0) this.#deliver(NOTHING);
  }

  #fill(body: SizedBody, chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, body.bytes.length - body.filled);
    body.bytes.set(part, body.filled);
    body.filled += part.length;
    if (body.filled === body.bytes.length) this.#deliver(body.bytes);
    return chunk.subarray(part.length);
  }

  #findDelimiter(chunk: Uint8Array, headers: PartHeaders): Uint8Array {
    const searched = Math.max(0, this.#pending.length - this.#delimiter.length);
    const bytes = this.#pending.length === 0 ? chunk.slice() : concatBytes(this.#pending, chunk);
    const end = indexOf(bytes, this.#delimiter, searched);
    if (Math.max(end, bytes.length - this.#delimiter.length) > this.#limits.maxBodyBytes) {
      throw new MultipartError(`A part is longer than ${this.#limits.maxBodyBytes} bytes`);
    }
    if (end < 0) {
      this.#pending = bytes;
      return NOTHING;
    }
    this.#pending = NOTHING;
    this.#headers = headers;
    this.#deliver(bytes.subarray(0, end));
    return bytes.subarray(end);
  }

  #deliver(body: Uint8Array): void {
    const headers = this.#headers ?? new Map<string, string>();
    this.#headers = undefined;
    this.#sized = undefined;
    this.#onPart(headers, body);
  }
}

/** The boundary that a Content-Type announces. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  return /^multipart\/[^;]+;\s*boundary="?([^";\s]{1,70})"?/i.exec(contentType ?? "")?.[1];
}
