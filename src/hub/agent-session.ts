import type { AgentIdentity, AgentLink, AgentSession, PingResult } from "./ingest.ts";
import type { KvmStatus } from "../protocol/fleet/live.ts";
import type { NodeFacts, NodeReport } from "./report.ts";

/** What a session hands on; the same object for all of them. */
export interface SessionSink {
  onReport(session: FleetSession, report: NodeReport): boolean;
  onFacts(session: FleetSession, facts: Partial<NodeFacts>): boolean;
  onPing(session: FleetSession, result: PingResult): boolean;
  onKvm(session: FleetSession, status: KvmStatus | undefined): void;
  onSign(session: FleetSession): void;
  onClose(session: FleetSession): void;
}

/** One connection, or the single requests of an agent when it has no link. */
export class FleetSession implements AgentSession {
  readonly node: number;
  readonly identity: AgentIdentity;
  readonly isVisit: boolean;
  /** A visit may get a new one with every request. */
  link: AgentLink | undefined;
  readonly #sink: SessionSink;
  #isOpen = true;

  constructor(
    sink: SessionSink,
    identity: AgentIdentity,
    { isVisit, link }: { readonly isVisit: boolean; readonly link?: AgentLink | undefined },
  ) {
    this.#sink = sink;
    this.node = identity.node;
    this.identity = identity;
    this.isVisit = isVisit;
    this.link = link;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  report(report: NodeReport): boolean {
    return this.#isOpen && this.#sink.onReport(this, report);
  }

  facts(facts: Partial<NodeFacts>): boolean {
    return this.#isOpen && this.#sink.onFacts(this, facts);
  }

  ping(result: PingResult): boolean {
    return this.#isOpen && this.#sink.onPing(this, result);
  }

  kvm(status: KvmStatus | undefined): void {
    if (this.#isOpen) this.#sink.onKvm(this, status);
  }

  sign(): void {
    if (this.#isOpen) this.#sink.onSign(this);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#sink.onClose(this);
  }

  /** By the hub: the dialect is told why. */
  end(reason: string): void {
    if (!this.#isOpen) return;
    this.close();
    this.link?.close(reason);
  }
}
