import type { Step } from "../core/machine.ts";

// Whether one node is there. Pure: time is an input, changes are effects.

export type PresencePhase =
  /** Nothing was heard since the hub started. */
  | "unknown"
  | "online"
  /** Heard again after it was away, not yet long enough to believe it. */
  | "returning"
  | "offline";

export interface PresenceState {
  readonly phase: PresencePhase;
  /** Of the last change that was told; epoch milliseconds. */
  readonly since: number;
  /** Monotonic milliseconds of the last report, and the usual time between two. */
  readonly lastReportMs: number;
  readonly intervalMs: number;
  /** Of the last sign of life, which reports are, too. */
  readonly lastSignMs: number;
  /** It was asked for a sign of life so many ticks ago; undefined while none is awaited. */
  readonly askedTicks: number | undefined;
  /** The connection is gone since then; undefined while there is one, or for single requests. */
  readonly closedMs: number | undefined;
  /** Reports in a row since it came back. */
  readonly returned: number;
}

export interface PresenceInput {
  /** `sign`: its connection lives, but it did not report. `tick`: once a second. */
  readonly kind: "report" | "sign" | "closed" | "tick";
  /** Epoch milliseconds, only for telling people. */
  readonly at: number;
  /** `Clock.monotonic()`. */
  readonly nowMs: number;
  /** The agent sends single requests, maybe rarely. */
  readonly isVisit?: boolean;
}

/** `ask`: whoever has its connection is to ask for a sign of life. */
export type PresenceEffect = "online" | "offline" | "ask";

/** Reconnecting takes an agent some seconds. */
const CLOSED_GRACE_MS = 10_000;
/** Silence: so many usual intervals, within these limits. */
const SILENT_INTERVALS = 3;
const SILENT_LEAST_MS = 11_000;
const SILENT_MOST_MS = 120_000;
/**
 * A busy machine may be late with its report, but still answers; it is asked so long before its silence is over. Counted
 * in ticks: a hub that stood still for a while has heard nothing, and asks first.
 */
const ANSWER_TICKS = 5;
const TICK_MS = 1000;
/** Who lives but does not report for so long is not watched any more, and that has to show. */
const MUTE_MOST_MS = 300_000;
/** Agents that post instead (Komari 1.6). */
export const VISIT_SILENT_MS = 35_000;
/** A node that was away has to be heard so often before it counts as back. */
const RETURNS = 2;
/** Weight of the newest interval in the usual one. */
const WEIGHT = 0.25;

export const UNKNOWN_PRESENCE: PresenceState = {
  phase: "unknown",
  since: 0,
  lastReportMs: 0,
  intervalMs: 0,
  lastSignMs: 0,
  askedTicks: undefined,
  closedMs: undefined,
  returned: 0,
};

const NONE: readonly PresenceEffect[] = [];
const ONLINE: readonly PresenceEffect[] = ["online"];
const OFFLINE: readonly PresenceEffect[] = ["offline"];
const ASK: readonly PresenceEffect[] = ["ask"];

function silentLimitMs(intervalMs: number): number {
  return Math.min(SILENT_MOST_MS, Math.max(SILENT_LEAST_MS, SILENT_INTERVALS * intervalMs));
}

/** An agent that reports rarely is known after its second report, even though it counted as away by then. */
function usualInterval(state: PresenceState, { nowMs, isVisit }: PresenceInput): number {
  const least = isVisit === true ? VISIT_SILENT_MS / SILENT_INTERVALS : 0;
  if (state.phase === "unknown") return least;
  const passed = Math.min(nowMs - state.lastReportMs, SILENT_MOST_MS / SILENT_INTERVALS);
  if (state.intervalMs === 0) return Math.max(least, passed);
  return Math.max(least, state.intervalMs + WEIGHT * (passed - state.intervalMs));
}

function onReport(state: PresenceState, input: PresenceInput): Step<PresenceState, PresenceEffect> {
  const returned = state.phase === "returning" ? state.returned + 1 : 1;
  const next = {
    ...state,
    lastReportMs: input.nowMs,
    intervalMs: usualInterval(state, input),
    lastSignMs: input.nowMs,
    askedTicks: undefined,
    closedMs: undefined,
    returned,
  };
  if (state.phase === "online") return { state: next, effects: NONE };
  if (state.phase !== "unknown" && returned < RETURNS) {
    return { state: { ...next, phase: "returning" }, effects: NONE };
  }
  return { state: { ...next, phase: "online", since: input.at }, effects: ONLINE };
}

function onSign(state: PresenceState, nowMs: number): PresenceState {
  return { ...state, lastSignMs: nowMs, askedTicks: undefined };
}

function isGone({ closedMs, lastReportMs, askedTicks }: PresenceState, nowMs: number): boolean {
  if (closedMs !== undefined && nowMs - closedMs >= CLOSED_GRACE_MS) return true;
  return (askedTicks ?? 0) >= ANSWER_TICKS || nowMs - lastReportMs >= MUTE_MOST_MS;
}

/** Counts on while an answer is awaited; undefined while the silence is too short for asking. */
function ticksSinceAsked(
  { askedTicks, lastSignMs, intervalMs }: PresenceState,
  nowMs: number,
): number | undefined {
  if (askedTicks !== undefined) return askedTicks + 1;
  const patienceMs = silentLimitMs(intervalMs) - ANSWER_TICKS * TICK_MS;
  return nowMs - lastSignMs >= patienceMs ? 0 : undefined;
}

function onTick(
  before: PresenceState,
  { nowMs, at }: PresenceInput,
): Step<PresenceState, PresenceEffect> {
  const { phase } = before;
  if (phase !== "online" && phase !== "returning") return { state: before, effects: NONE };
  const askedTicks = ticksSinceAsked(before, nowMs);
  const state = askedTicks === before.askedTicks ? before : { ...before, askedTicks };
  if (!isGone(state, nowMs)) return { state, effects: askedTicks === 0 ? ASK : NONE };
  const gone = { ...state, phase: "offline", askedTicks: undefined } as const;
  if (phase === "returning") return { state: gone, effects: NONE };
  return { state: { ...gone, since: at }, effects: OFFLINE };
}

/**
 * The first report of all makes a node present at once. Away is who is silent for several of its own intervals and does
 * not even answer when it is asked, or stays away after its connection closed; back again is who reports twice in a row.
 */
export function stepPresence(
  state: PresenceState,
  input: PresenceInput,
): Step<PresenceState, PresenceEffect> {
  switch (input.kind) {
    case "report":
      return onReport(state, input);
    case "sign":
      return { state: onSign(state, input.nowMs), effects: NONE };
    case "closed":
      return { state: { ...state, closedMs: input.nowMs }, effects: NONE };
    case "tick":
      return onTick(state, input);
  }
}
