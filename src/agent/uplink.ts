import type { Store } from "../core/store.ts";
import type { HostFacts, Sample } from "./sample.ts";

/**
 * `connecting`: no report was accepted yet. `online`: reports go out. `waiting`: the last attempt failed, another one
 * follows. `stopped`: not running.
 */
export type UplinkPhase = "connecting" | "online" | "waiting" | "stopped";

/** What an uplink tells people and `/health`. It never holds a secret. */
export interface UplinkState {
  readonly phase: UplinkPhase;
  /** Protocol and generation as found: `komari v2`, `nezha v1`; null before it is known. */
  readonly dialect: string | null;
  /** How reports travel at the moment: `socket`, `http`, `grpc`; null while none do. */
  readonly transport: string | null;
  /** Last failure in plain words, kept until the next success; null when all is well. */
  readonly problem: string | null;
}

export const STOPPED: UplinkState = {
  phase: "stopped",
  dialect: null,
  transport: null,
  problem: null,
};

/** What the machine is, and how a new value becomes known (addresses change). */
export type Facts = Store<HostFacts>;

/** One server that this machine reports to. */
export interface Uplink {
  /** Unique within the process, without secrets: `komari https://hub.example`. */
  readonly name: string;
  readonly state: Store<UplinkState>;
  /**
   * Reports until aborted; returns only then. Everything that goes wrong on the way is state: connecting again, with
   * growing delays and jitter, is the uplink's own business. Several uplinks share one `samples`.
   */
  run(samples: Store<Sample>, signal: AbortSignal): Promise<void>;
}
