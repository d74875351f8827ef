/**
 * Takes the input events of `/api/ws`, whichever form they came in (PiKVM API 5.5, 5.6). Names are canonical and known;
 * coordinates and deltas are integers in range. `deltas` are dx, dy in turn and only valid during the call.
 */
export interface ControlSink {
  key(name: string, isPressed: boolean, finish: boolean): void;
  button(name: string, isPressed: boolean): void;
  move(x: number, y: number): void;
  relative(deltas: ArrayLike<number>, squash: boolean): void;
  wheel(deltas: ArrayLike<number>, squash: boolean): void;
}

/** What a frame was: an input event that the sink got, a ping to answer, or nothing of use. */
export type ControlOutcome = "done" | "ping" | "invalid" | "unknown";

/** Moves of one event beyond this make it invalid, so that one frame cannot occupy the device. */
export const MAX_MOVES_PER_EVENT = 1024;
