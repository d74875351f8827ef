import { concatBytes } from "../../core/bytes.ts";

const NEWLINE = 0x0a;
const EMPTY = new Uint8Array(0);

/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** Complete lines without their newline; the rest waits for the next chunk. */
  push(chunk: Uint8Array): string[];
}

/** Lines beyond `maxBytes` are dropped whole, so that what waits is bounded. */
export function createLineSplitter(maxBytes = 1_048_576): LineSplitter {
  const utf8 = new TextDecoder();
  let parts: Uint8Array[] = [];
  let waiting = 0;
  let isOverlong = false;

  const keep = (bytes: Uint8Array): void => {
    waiting += bytes.length;
    if (waiting > maxBytes) {
      isOverlong = true;
      parts = [];
    }
    if (!isOverlong && bytes.length > 0) parts.push(bytes);
  };
  const finish = (): string | undefined => {
    const bytes = parts.length === 1 ? (parts[0] ?? EMPTY) : concatBytes(...parts);
    const line = isOverlong ? undefined : utf8.decode(bytes);
    parts = [];
    waiting = 0;
    isOverlong = false;
    return line;
  };

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end));
        const line = finish();
        if (line !== undefined) lines.push(line);
        start = end + 1;
      }
      // The owner of the chunk may use its memory again.
      keep(chunk.slice(start));
      return lines;
    },
  };
}
