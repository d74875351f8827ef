// Frames inside IOStream (Nezha facts 1.9): terminal, NAT and files share one byte stream each, and its first message
// names the stream.
import { concatBytes } from "../../core/bytes.ts";
import { NezhaFormatError } from "./format-error.ts";

const MAGIC = Uint8Array.of(0xff, 0x05, 0xff, 0x05);
const OP = { input: 0x00, resize: 0x01 } as const;

/** A larger terminal is refused by current agents; the smallest useful one as well. */
const SIZE_LIMITS = { minCols: 2, maxCols: 1000, minRows: 2, maxRows: 500 } as const;

/** Keeps proxies from closing a quiet stream. Agents before v1.0.4 take it for the end. */
export const IO_KEEPALIVE: Uint8Array = new Uint8Array();

/** The agent's first message. */
export function attachFrame(streamId: string): Uint8Array {
  return concatBytes(MAGIC, new TextEncoder().encode(streamId));
}

/** The stream id of a first message, or undefined when it is not one. */
export function attachedStream(frame: Uint8Array): string | undefined {
  if (frame.length <= MAGIC.length) return undefined;
  if (MAGIC.some((byte, index) => frame[index] !== byte)) return undefined;
  return new TextDecoder().decode(frame.subarray(MAGIC.length));
}

/** What a dashboard says to a terminal. */
export type TerminalFrame =
  | { readonly kind: "keepalive" }
  | { readonly kind: "input"; readonly bytes: Uint8Array }
  | { readonly kind: "resize"; readonly cols: number; readonly rows: number }
  /** An unknown first byte, or a size that is none: to be ignored. */
  | { readonly kind: "unknown" };

function isBetween(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

function parseResize(bytes: Uint8Array): TerminalFrame {
  try {
    const size: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof size !== "object" || size === null) return { kind: "unknown" };
    if (!("Cols" in size) || !("Rows" in size)) return { kind: "unknown" };
    const { minCols, maxCols, minRows, maxRows } = SIZE_LIMITS;
    if (!isBetween(size.Cols, minCols, maxCols)) return { kind: "unknown" };
    if (!isBetween(size.Rows, minRows, maxRows)) return { kind: "unknown" };
    return { kind: "resize", cols: size.Cols, rows: size.Rows };
  } catch {
    return { kind: "unknown" };
  }
}

export function parseTerminalFrame(bytes: Uint8Array): TerminalFrame {
  if (bytes.length === 0) return { kind: "keepalive" };
  if (bytes[0] === OP.input) return { kind: "input", bytes: bytes.subarray(1) };
  return bytes[0] === OP.resize ? parseResize(bytes.subarray(1)) : { kind: "unknown" };
}

export function inputFrame(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(OP.input), bytes);
}

export function resizeFrame(cols: number, rows: number): Uint8Array {
  const size = new TextEncoder().encode(JSON.stringify({ Rows: rows, Cols: cols }));
  return concatBytes(Uint8Array.of(OP.resize), size);
}

/** The stream that a terminal, NAT, file or transfer task asks for. Names match in any case, as in the original. */
export function streamIdOf(taskData: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(taskData);
  } catch (error) {
    throw new NezhaFormatError("The task's data is not JSON", { cause: error });
  }
  if (typeof parsed === "object" && parsed !== null) {
    for (const [name, value] of Object.entries(parsed)) {
      const isId = ["streamid", "stream_id"].includes(name.toLowerCase());
      if (isId && typeof value === "string" && value !== "") return value;
    }
  }
  throw new NezhaFormatError("The task names no stream");
}

export function streamTaskData(streamId: string): string {
  return JSON.stringify({ StreamID: streamId });
}

/** Answer of the file manager (task 11) instead of a listing, or at any later time. */
export function fileRefusal(reason: string): Uint8Array {
  return new TextEncoder().encode(`NERR${reason}`);
}

/** Answer of a file transfer (task 20) that does not take place. */
export function transferRefusal(reason: string): Uint8Array {
  return new TextEncoder().encode(`NZTE${reason}`);
}
