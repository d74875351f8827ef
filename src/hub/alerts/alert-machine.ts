import type { Step } from "../../core/machine.ts";

// One rule on one node. Pure: time is an input, what people are told are effects.

export interface AlertState {
  readonly isRaised: boolean;
  /** Since it is as it is; epoch milliseconds. */
  readonly since: number;
  /** The figure when it was raised. */
  readonly value: number | undefined;
  /** When it was raised lately, the oldest first; no more than `FLAPS`. */
  readonly raisedAt: readonly number[];
  /** Goes to and fro: single changes are not told. */
  readonly isFlapping: boolean;
  /** Of the last change, told or not. */
  readonly changedAt: number;
  /** Changes while flapping, for the summary. */
  readonly changes: number;
  /** When people were told last that it is raised; 0 when they were not. */
  readonly toldAt: number;
}

export interface AlertInput {
  /** Undefined: nothing can be said now. */
  readonly isBad: boolean | undefined;
  readonly value: number | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Since when it is bad, where that is known better than by this input. */
  readonly since?: number | undefined;
  /** 0 = no reminders. */
  readonly reminderMs: number;
}

export type AlertEffect =
  | "raised"
  | "cleared"
  /** From now on single changes are not told. */
  | "flapping"
  /** It is quiet again; the state that it has now. */
  | "settled"
  /** Still raised. */
  | "reminder";

export const QUIET: AlertState = {
  isRaised: false,
  since: 0,
  value: undefined,
  raisedAt: [],
  isFlapping: false,
  changedAt: 0,
  changes: 0,
  toldAt: 0,
};

/** Raised so often within this time is flapping; as long without a change is over. */
export const FLAPS = 3;
export const FLAP_MS = 30 * 60_000;

const NONE: readonly AlertEffect[] = [];

/** Nothing that has to be remembered. */
export function isForgettable(state: AlertState, at: number): boolean {
  return !state.isRaised && !state.isFlapping && at - state.changedAt > FLAP_MS;
}

function onChange(
  state: AlertState,
  isRaised: boolean,
  { value, at, since }: AlertInput,
): Step<AlertState, AlertEffect> {
  const recent = state.raisedAt.filter((raised) => at - raised < FLAP_MS);
  const raisedAt = isRaised ? [...recent, at].slice(-FLAPS) : recent;
  const next = {
    ...state,
    isRaised,
    since: since ?? at,
    value: isRaised ? value : undefined,
    raisedAt,
    changedAt: at,
    toldAt: isRaised ? at : 0,
  };
  if (state.isFlapping) {
    return { state: { ...next, changes: state.changes + 1 }, effects: NONE };
  }
  if (isRaised && raisedAt.length >= FLAPS) {
    return { state: { ...next, isFlapping: true, changes: 1 }, effects: ["flapping"] };
  }
  return { state: { ...next, changes: 0 }, effects: [isRaised ? "raised" : "cleared"] };
}

function onSame(state: AlertState, { at, reminderMs }: AlertInput): Step<AlertState, AlertEffect> {
  if (state.isFlapping) {
    if (at - state.changedAt < FLAP_MS) return { state, effects: NONE };
    const settled = { ...state, isFlapping: false, raisedAt: [], toldAt: state.isRaised ? at : 0 };
    return { state: settled, effects: ["settled"] };
  }
  const isDue = state.isRaised && reminderMs > 0 && at - state.toldAt >= reminderMs;
  return isDue
    ? { state: { ...state, toldAt: at }, effects: ["reminder"] }
    : { state, effects: NONE };
}

/** Raised and cleared once each; who does it three times in half an hour is told about once, and once more in the end. */
export function stepAlert(state: AlertState, input: AlertInput): Step<AlertState, AlertEffect> {
  const { isBad } = input;
  return isBad === undefined || isBad === state.isRaised
    ? onSame(state, input)
    : onChange(state, isBad, input);
}
