/**
 * Text frames of the socket `/native/fleet/nodes/{uuid}/terminal`; binary frames are the terminal's bytes, both ways.
 * The server closes with `TERMINAL_ENDED` when the terminal ends; the reason is a code of `TERMINAL_ENDS`, or the code of
 * the error because of which there was none.
 */
export interface TerminalResize {
  readonly t: "resize";
  readonly columns: number;
  readonly rows: number;
}

export const TERMINAL_ENDED = 4000;

/**
 * Why a terminal on a node ends. The codes are stable; the words are what audits hold and what viewers of other dialects
 * are told.
 */
export const TERMINAL_ENDS = {
  exited: "The terminal has ended",
  agentClosed: "The agent closed the terminal",
  agentGone: "The agent has gone",
  agentSilent: "The agent did not answer",
  viewerLeft: "the viewer has left",
  nobodyCame: "nobody came for this terminal",
  idle: "Nothing happened for too long",
  timeLimit: "The terminal was open for too long",
  notRead: "The other end does not read",
  switchedOff: "An admin has switched terminals off",
  tokenChanged: "The node's token changed",
  nodeRemoved: "The node was removed",
  nodeOffline: "The node is not connected",
  hubStops: "The hub stops",
} as const;
export type TerminalEndCode = keyof typeof TERMINAL_ENDS;

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
