/**
 * The web terminal of PiKVM is ttyd behind `/extras/webterm/ttyd` (PiKVM API 10). Its WebSocket, sub-protocol `tty`,
 * carries frames of one command character and a payload, in both directions; the first one from the client is a JSON
 * object with the size of its window.
 */

export const TERMINAL_SUBPROTOCOL = "tty";

/** What a client sends. */
export type TerminalFrame =
  | { readonly kind: "hello"; readonly cols: number; readonly rows: number }
  | { readonly kind: "input"; readonly bytes: Uint8Array }
  | { readonly kind: "resize"; readonly cols: number; readonly rows: number }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" };

const INPUT = 0x30;
const RESIZE = 0x31;
const PAUSE = 0x32;
const RESUME = 0x33;
const OPENING_BRACE = 0x7b;

const DEFAULT_COLS = 80;
const DEFAULT_ROWS = 24;
const MAX_SIDE = 1000;
/** Sizes need no more. */
const MAX_JSON_BYTES = 4096;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function sideOf(value: unknown, fallback: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) return fallback;
  return Math.min(value, MAX_SIDE);
}

function parseSize(bytes: Uint8Array): { cols: number; rows: number } | undefined {
  if (bytes.length > MAX_JSON_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const columns: unknown = "columns" in value ? value.columns : undefined;
  const rows: unknown = "rows" in value ? value.rows : undefined;
  return { cols: sideOf(columns, DEFAULT_COLS), rows: sideOf(rows, DEFAULT_ROWS) };
}

/** Understands a client's frame; undefined for anything else. Input shares memory with the frame. */
export function decodeTerminalFrame(frame: Uint8Array): TerminalFrame | undefined {
  switch (frame[0]) {
    case INPUT:
      return { kind: "input", bytes: frame.subarray(1) };
    case RESIZE: {
      const size = parseSize(frame.subarray(1));
      return size === undefined ? undefined : { kind: "resize", ...size };
    }
    case PAUSE:
      return { kind: "pause" };
    case RESUME:
      return { kind: "resume" };
    case OPENING_BRACE: {
      const size = parseSize(frame);
      return size === undefined ? undefined : { kind: "hello", ...size };
    }
    default:
      return undefined;
  }
}

/** What the shell printed. */
export function encodeTerminalOutput(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 1);
  frame[0] = INPUT;
  frame.set(bytes, 1);
  return frame;
}

/** Title of the window. */
export function encodeTerminalTitle(title: string): Uint8Array {
  return encoder.encode(`1${title}`);
}

/** Settings of the client's terminal; an object without any leaves its own. */
export function encodeTerminalPreferences(
  preferences: Readonly<Record<string, unknown>>,
): Uint8Array {
  return encoder.encode(`2${JSON.stringify(preferences)}`);
}
