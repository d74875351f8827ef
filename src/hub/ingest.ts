import type { Unsubscribe } from "../core/store.ts";
import type { KvmStatus } from "../protocol/fleet/live.ts";
import type { NodeFacts, NodeReport, ReceivedReport } from "./report.ts";

/** Who reports, as the authenticated channel says; nothing in a payload ever changes it. */
export interface AgentIdentity {
  /** `NodeRecord.id`, from `Registry.authenticate` or `Registry.find`. */
  readonly node: number;
  /** For people: `komari v2 socket`, `nezha v1`. */
  readonly dialect: string;
  /** Address of the peer as the server sees it. */
  readonly remoteAddress: string;
}

/** What the hub asks an agent to measure. */
export interface PingRequest {
  readonly kind: "ping";
  readonly task: number;
  readonly type: "icmp" | "tcp" | "http";
  readonly target: string;
}

/** A shell command; its outcome goes to `FleetControl.finish`. */
export interface CommandRequest {
  readonly kind: "command";
  readonly run: string;
  readonly command: string;
}

/** A terminal is wanted: the agent opens a connection for it, which goes to `FleetControl.joinTerminal`. */
export interface TerminalRequest {
  readonly kind: "terminal";
  readonly stream: string;
}

export type AgentTask = PingRequest | CommandRequest | TerminalRequest;

/** The way back to an agent; implemented by the dialect. No function may throw. */
export interface AgentLink {
  /** False when it cannot be delivered now; it is not tried again. */
  send(task: AgentTask): boolean;
  /** The hub is done with this connection: replaced by a newer one, node removed, flood. Called at most once. */
  close(reason: string): void;
  /**
   * The node has not reported for some time: asks the peer whether it is there, and `AgentSession.sign` tells its answer.
   * Absent where nobody can be asked.
   */
  ask?(): void;
}

export interface PingResult {
  readonly task: number;
  /** Undefined when it was lost. */
  readonly elapsedMs: number | undefined;
}

/** One connection of an agent. After its end every call is refused; nothing throws. */
export interface AgentSession {
  readonly node: number;
  /** Until it ends: closed by the dialect, replaced, or refused. */
  readonly isOpen: boolean;
  /** False when it was not taken: the session has ended, or the agent reports more often than the limit. */
  report(report: NodeReport): boolean;
  /** Kept in the registry when something changed. False as above. */
  facts(facts: Partial<NodeFacts>): boolean;
  /** The computer behind the node; undefined for one that is no KVM. Nothing happens after its end. */
  kvm(status: KvmStatus | undefined): void;
  /** Also false for a task that does not exist or is not this node's. */
  ping(result: PingResult): boolean;
  /** The peer is there, though it has nothing to report now. */
  sign(): void;
  /** The peer is gone. Idempotent; does not call `AgentLink.close`. */
  close(): void;
}

export interface IngestCounters {
  readonly reports: number;
  readonly pings: number;
  /** Figures outside what is possible, brought back into it. */
  readonly clamped: number;
  /** Refused because of the limits of one agent. */
  readonly flooded: number;
  /** Results of tasks that are not the node's. */
  readonly strayPings: number;
  readonly replacedSessions: number;
  /** Messages that were no report, no result and no request. */
  readonly malformed: number;
  /** Messages and bodies larger than they may be. */
  readonly oversize: number;
  /** Requests with a token or key that nobody has. */
  readonly unauthorized: number;
  /** Second machines with the identity of one that is there. */
  readonly duplicate: number;
}

/** What a dialect turned away before it reached a session. */
export type IngestRefusal = "malformed" | "oversize" | "unauthorized" | "duplicate";

/** Every dialect that receives reports calls this, and only this. */
export interface Ingest {
  readonly counters: IngestCounters;
  /**
   * Begins a session. An earlier one of the same node ends with a reason. Throws `NodeNotFoundError` when the node was
   * removed meanwhile.
   */
  attach(identity: AgentIdentity, link: AgentLink): AgentSession;
  /**
   * For agents that report by single requests: one session for all of them. Takes nothing away from a session with a
   * connection. The link is for those that come to fetch what is asked of them: used while there is no connection, and
   * the newest one wins. Throws `NodeNotFoundError`.
   */
  visit(identity: AgentIdentity, link?: AgentLink): AgentSession;
  /** Counts what never became a report. `clamped` counts figures that a dialect left out. */
  count(refusal: IngestRefusal | "clamped", times?: number): void;
  /** Hands a task to the node's connection; false when there is none, or it cannot take it. */
  send(node: number, task: AgentTask): boolean;
  /** The latest report of a node since the hub started; kept while it is offline. */
  latest(node: number): ReceivedReport | undefined;
  /** Reports of the last 60 s, oldest first, at most one per second. */
  recent(node: number): readonly ReceivedReport[];
  /** Bytes moved since the node is known, restarts and monthly resets of its counters included. */
  traffic(node: number): NodeTraffic;
  /** Address of the peer of the newest session; empty before the first. */
  remoteAddress(node: number): string;
  /** Every result that is taken, as it comes; listeners must be quick. */
  subscribePings(listener: PingListener): Unsubscribe;
}

export type PingListener = (node: number, result: PingResult) => void;

export interface NodeTraffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}
