import type { Scope } from "../core/scope.ts";
import type { Store } from "../core/store.ts";

export type SubsystemName =
  | "hid"
  | "atx"
  | "gpio"
  | "msd"
  | "streamer"
  | "info"
  | "switch"
  | "terminal";

/** One shape for every part of the device, so that roles, health and metrics can loop over them. */
export interface Subsystem<S> {
  readonly name: SubsystemName;
  readonly state: Store<S>;
  /** Returns quickly and does not fail because hardware is absent: that is state, not an error. */
  start(scope: Scope): Promise<void>;
}
