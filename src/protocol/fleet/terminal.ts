/**
 * Text frames of the socket `/native/fleet/nodes/{uuid}/terminal`; binary frames are the terminal's bytes, both ways.
 * The server closes with `TERMINAL_ENDED` and a reason for people when the terminal ends.
 */
export interface TerminalResize {
  readonly t: "resize";
  readonly columns: number;
  readonly rows: number;
}

export const TERMINAL_ENDED = 4000;

const MOST = 1000;

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= MOST;
}

/** Undefined for everything that is no size of a window. */
export function decodeResize(text: string): TerminalResize | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof frame !== "object" || frame === null) return undefined;
  const { t, columns, rows } = { t: "", columns: 0, rows: 0, ...frame };
  return t === "resize" && isSize(columns) && isSize(rows) ? { t, columns, rows } : undefined;
}
