import type { Unsubscribe } from "../core/store.ts";
import type { Presence, PresenceChange } from "./presence.ts";
import { stepPresence, UNKNOWN_PRESENCE } from "./presence-machine.ts";
import type { PresenceEffect, PresenceInput, PresenceState } from "./presence-machine.ts";

/** Runs the presence machine of every node. */
export class FleetPresence implements Presence {
  readonly #states = new Map<number, PresenceState>();
  readonly #listeners = new Set<{ notify: (change: PresenceChange) => void }>();
  #online = 0;

  /** Nodes that are there now. */
  get online(): number {
    return this.#online;
  }

  isOnline(node: number): boolean {
    return isHere(this.#states.get(node));
  }

  since(node: number): number | undefined {
    const state = this.#states.get(node);
    return state === undefined || state.phase === "unknown" ? undefined : state.since;
  }

  subscribe(notify: (change: PresenceChange) => void): Unsubscribe {
    const entry = { notify };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  step(node: number, input: PresenceInput): void {
    for (const effect of this.#enter(node, input)) {
      if (effect !== "ask") this.#tell(node, effect === "online", input.at);
    }
  }

  /** Once a second. `ask` is called for nodes that are silent: a sign of life is their last chance. */
  tick(time: Pick<PresenceInput, "at" | "nowMs">, ask: (node: number) => void): void {
    const input = { kind: "tick", ...time } as const;
    for (const node of this.#states.keys()) {
      for (const effect of this.#enter(node, input)) {
        if (effect === "ask") ask(node);
        else this.#tell(node, effect === "online", time.at);
      }
    }
  }

  /** The node was removed; nobody is told. */
  forget(node: number): void {
    if (isHere(this.#states.get(node))) this.#online -= 1;
    this.#states.delete(node);
  }

  #enter(node: number, input: PresenceInput): readonly PresenceEffect[] {
    const before = this.#states.get(node) ?? UNKNOWN_PRESENCE;
    const { state, effects } = stepPresence(before, input);
    if (state !== before) this.#states.set(node, state);
    return effects;
  }

  #tell(node: number, isOnline: boolean, at: number): void {
    this.#online += isOnline ? 1 : -1;
    for (const { notify } of this.#listeners) notify({ node, isOnline, at });
  }
}

/** A node that comes back is away until it is believed. */
function isHere(state: PresenceState | undefined): boolean {
  return state?.phase === "online";
}
