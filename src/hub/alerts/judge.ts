import type { EventLog } from "../event-log.ts";
import type { NodeTraffic } from "../ingest.ts";
import type { KvmBoard } from "../kvm-board.ts";
import type { Presence } from "../presence.ts";
import type { NodeRecord } from "../registry.ts";
import type { ReceivedReport } from "../report.ts";

/** What a rule says about one node at one moment. */
export interface Verdict {
  readonly isBad: boolean | undefined;
  readonly value: number | undefined;
  /** Since when, where it is known better than by the look itself. */
  readonly since?: number;
}

export interface Look {
  readonly node: NodeRecord;
  readonly report: ReceivedReport | undefined;
  readonly isOnline: boolean;
  /** Epoch and monotonic milliseconds. */
  readonly now: number;
  readonly nowMs: number;
  /** Number of this look; one for each base period. */
  readonly round: number;
  /** Whether this rule is raised on the node. */
  readonly isRaised: boolean;
}

/** What the rules look at. */
export interface Sources {
  readonly presence: Presence;
  readonly events: Pick<EventLog, "lastPresence">;
  readonly traffic: (node: number) => NodeTraffic;
  readonly kvm: Pick<KvmBoard, "of">;
}

/** Judges the nodes of one rule; keeps what its condition has to remember. */
export interface Judge {
  judge(look: Look): Verdict;
  /** An answer of a ping task, or its loss. */
  ping?(node: number, elapsedMs: number | undefined, nowMs: number): void;
  forget(node: number): void;
}

export const UNKNOWN: Verdict = { isBad: undefined, value: undefined };
export const GOOD: Verdict = { isBad: false, value: undefined };
