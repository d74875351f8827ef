import type { Unsubscribe } from "../../core/store.ts";

/** One server event of the PiKVM API 5.3. */
export interface WsEvent {
  readonly eventType: string;
  readonly event: unknown;
}

/** Passes on a change. `key` names what the newest change replaces for a slow client (`atx`, `gpio:led1`, `info:health`). */
export type EmitWsEvent = (key: string, eventType: string, event: unknown) => void;

/** What one subsystem contributes to `/api/ws`; each resource file exports its own. */
export interface WsSource {
  /** The full state as events, for a client that has just connected. */
  snapshot(): readonly WsEvent[];
  /** Reports changes until unsubscribed. Watched at most once at a time, only while somebody is connected. */
  watch(emit: EmitWsEvent): Unsubscribe;
}
