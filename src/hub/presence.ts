import type { Unsubscribe } from "../core/store.ts";

export interface PresenceChange {
  readonly node: number;
  readonly isOnline: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Who is there. Changes are already smoothed: one lost report or a quick reconnection is none. */
export interface Presence {
  isOnline(node: number): boolean;
  /** Epoch milliseconds of the last change; undefined for a node that has never reported since the hub started. */
  since(node: number): number | undefined;
  subscribe(listener: (change: PresenceChange) => void): Unsubscribe;
}
