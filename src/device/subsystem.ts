import type { DevicePart } from "../config/extent.ts";
import type { Scope } from "../core/scope.ts";
import type { Store } from "../core/store.ts";

/** The gadget has no state of its own to show: input devices and the disk have. */
export type SubsystemName = Exclude<DevicePart, "gadget">;

/** One shape for every part of the device, so that roles, health and metrics can loop over them. */
export interface Subsystem<S> {
  readonly name: SubsystemName;
  readonly state: Store<S>;
  /** Returns quickly and does not fail because hardware is absent: that is state, not an error. */
  start(scope: Scope): Promise<void>;
  /**
   * Takes no new work, and resolves when work under way that must not be cut is done. Called before a successor with
   * other settings takes its place; the end of the program waits for nothing.
   */
  finish?(): Promise<void>;
}
