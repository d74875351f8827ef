import type { Severity } from "./alerts.ts";

/** Something that happened in the fleet; the newest come first in lists. */
export interface FleetEvent {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `FleetNode.id`; 0 for what concerns several. */
  readonly node: number;
  /** `raised` and `cleared` are alerts; `undelivered` is a message that no channel took. */
  readonly kind: "online" | "offline" | "raised" | "cleared" | "undelivered";
  /** Of alerts; 0 and null otherwise. */
  readonly rule: number;
  readonly severity: Severity | null;
  /** The figure of the alert. */
  readonly value: number | null;
  /** Name of the rule, or what was wrong with a channel. */
  readonly text: string;
}

/** `GET /native/fleet/events?before=&limit=&node=` and `GET /native/fleet/nodes/{uuid}/events`. */
export interface FleetEvents {
  readonly events: readonly FleetEvent[];
  /** Pass it as `before` for the next page; null at the end. */
  readonly before: number | null;
}
