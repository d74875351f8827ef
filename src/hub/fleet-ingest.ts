import type { Clock } from "../core/clock.ts";
import type { Unsubscribe } from "../core/store.ts";
import type { KvmStatus } from "../protocol/fleet/live.ts";
import { acceptFacts, acceptReport, Limiter } from "./accept-report.ts";
import { FleetSession } from "./agent-session.ts";
import type { SessionSink } from "./agent-session.ts";
import type { FleetPresence } from "./fleet-presence.ts";
import type {
  AgentIdentity,
  AgentLink,
  AgentSession,
  AgentTask,
  Ingest,
  IngestCounters,
  IngestRefusal,
  NodeTraffic,
  PingListener,
  PingResult,
} from "./ingest.ts";
import type { KvmBoard } from "./kvm-board.ts";
import { MINUTE_MS } from "./minute.ts";
import { NodeState } from "./node-state.ts";
import { coversNode } from "./probes.ts";
import type { Probes, ProbeTask } from "./probes.ts";
import { NodeNotFoundError } from "./registry.ts";
import type { Registry, RegistryChange } from "./registry.ts";
import type { NodeFacts, NodeReport, ReceivedReport } from "./report.ts";
import type { Series, SeriesRow } from "./series/series.ts";
import { NO_TRAFFIC } from "./traffic.ts";
import type { TrafficRecord } from "./traffic.ts";

/** A connection that is refused this often without a quiet minute ends. */
const REFUSED_MOST = 600;
/** Longer waits are losses. */
const PING_MOST_MS = 60_000;
const NO_REPORTS: readonly ReceivedReport[] = [];

export interface IngestOptions {
  readonly registry: Registry;
  readonly presence: FleetPresence;
  readonly probes: Probes;
  readonly kvm: KvmBoard;
  readonly series: Pick<Series, "append">;
  readonly clock: Clock;
  /** Totals from before the hub started, by node. */
  readonly traffic: ReadonlyMap<number, TrafficRecord>;
}

/** Takes reports; per report it touches memory only. Whoever owns it calls `save` and `dispatch` now and then. */
export class FleetIngest implements Ingest, SessionSink {
  readonly #options: IngestOptions;
  readonly #states = new Map<number, NodeState>();
  /** The one connection of each node, and its single requests. */
  readonly #sessions = new Map<number, FleetSession>();
  readonly #visits = new Map<number, FleetSession>();
  readonly #pingListeners = new Set<{ notify: PingListener }>();
  readonly #limiter = new Limiter();
  #reports = 0;
  #pings = 0;
  #flooded = 0;
  #strayPings = 0;
  #replaced = 0;
  readonly #refused = { malformed: 0, oversize: 0, unauthorized: 0, duplicate: 0 };

  constructor(options: IngestOptions) {
    this.#options = options;
    options.registry.subscribe((change) => {
      this.#onChange(change);
    });
  }

  get counters(): IngestCounters {
    return {
      reports: this.#reports,
      pings: this.#pings,
      clamped: this.#limiter.clamped,
      flooded: this.#flooded,
      strayPings: this.#strayPings,
      replacedSessions: this.#replaced,
      ...this.#refused,
    };
  }

  attach(identity: AgentIdentity, link: AgentLink): AgentSession {
    const state = this.#stateOf(identity.node);
    const before = this.#sessions.get(identity.node);
    const session = new FleetSession(this, identity, { isVisit: false, link });
    this.#sessions.set(identity.node, session);
    state.remoteAddress = identity.remoteAddress;
    if (before !== undefined) {
      this.#replaced += 1;
      before.end("A newer connection of this node has taken its place");
    }
    return session;
  }

  visit(identity: AgentIdentity, link?: AgentLink): AgentSession {
    const state = this.#stateOf(identity.node);
    state.remoteAddress = identity.remoteAddress;
    const before = this.#visits.get(identity.node);
    if (before !== undefined) {
      before.link = link ?? before.link;
      return before;
    }
    const session = new FleetSession(this, identity, { isVisit: true, link });
    this.#visits.set(identity.node, session);
    return session;
  }

  count(refusal: IngestRefusal | "clamped", times = 1): void {
    if (refusal === "clamped") this.#limiter.clamped += times;
    else this.#refused[refusal] += times;
  }

  send(node: number, task: AgentTask): boolean {
    const session = this.#sessions.get(node) ?? this.#visits.get(node);
    return session?.link?.send(task) ?? false;
  }

  latest(node: number): ReceivedReport | undefined {
    return this.#states.get(node)?.latest;
  }

  recent(node: number): readonly ReceivedReport[] {
    return this.#states.get(node)?.recent(this.#options.clock.now()) ?? NO_REPORTS;
  }

  traffic(node: number): NodeTraffic {
    const record = this.#states.get(node)?.traffic.record;
    const { receivedBytes, sentBytes } = record ?? this.#options.traffic.get(node) ?? NO_TRAFFIC;
    return { receivedBytes, sentBytes };
  }

  remoteAddress(node: number): string {
    return this.#states.get(node)?.remoteAddress ?? "";
  }

  subscribePings(notify: PingListener): Unsubscribe {
    const entry = { notify };
    this.#pingListeners.add(entry);
    return () => {
      this.#pingListeners.delete(entry);
    };
  }

  onReport(session: FleetSession, report: NodeReport): boolean {
    const state = this.#stateOf(session.node);
    const { clock, presence } = this.#options;
    const nowMs = clock.monotonic();
    if (!state.reports.take(nowMs)) return this.#refuse(session, state);
    const at = clock.now();
    const received = acceptReport(this.#limiter, report, at);
    this.#rollMinute(state, at);
    state.traffic.add(received, nowMs);
    state.minute.add(received);
    state.remember(received);
    this.#reports += 1;
    presence.step(session.node, {
      kind: "report",
      at,
      nowMs,
      isVisit: session.isVisit,
    });
    return true;
  }

  onFacts(session: FleetSession, facts: Partial<NodeFacts>): boolean {
    const state = this.#stateOf(session.node);
    if (!state.reports.take(this.#options.clock.monotonic())) return this.#refuse(session, state);
    this.#options.registry.learn(session.node, acceptFacts(this.#limiter, facts));
    return true;
  }

  onPing(session: FleetSession, { task: id, elapsedMs }: PingResult): boolean {
    const state = this.#stateOf(session.node);
    const { clock, probes } = this.#options;
    if (!state.pings.take(clock.monotonic())) return this.#refuse(session, state);
    const task = probes.byId(id);
    if (task === undefined || !coversNode(task, session.node)) {
      this.#strayPings += 1;
      return false;
    }
    const isAnswer = elapsedMs !== undefined && elapsedMs >= 0 && elapsedMs <= PING_MOST_MS;
    this.#rollMinute(state, clock.now());
    const result = { task: id, elapsedMs: isAnswer ? elapsedMs : undefined };
    state.minute.addPing(result);
    for (const { notify } of this.#pingListeners) notify(session.node, result);
    this.#pings += 1;
    return true;
  }

  onKvm({ node }: FleetSession, status: KvmStatus | undefined): void {
    this.#options.kvm.set(node, status);
  }

  onSign({ node }: FleetSession): void {
    const { clock, presence } = this.#options;
    presence.step(node, { kind: "sign", at: clock.now(), nowMs: clock.monotonic() });
  }

  onClose(session: FleetSession): void {
    const { node } = session;
    if (this.#visits.get(node) === session) this.#visits.delete(node);
    if (this.#sessions.get(node) !== session) return;
    this.#sessions.delete(node);
    const { clock, presence } = this.#options;
    presence.step(node, { kind: "closed", at: clock.now(), nowMs: clock.monotonic() });
  }

  /** Hands over the minutes that have changed, and ends those that are over. */
  save(): void {
    const now = this.#options.clock.now();
    const rows: SeriesRow[] = [];
    for (const state of this.#states.values()) {
      if (state.minute.isDirty) rows.push(rowOf(state));
      if (now - state.minute.at < MINUTE_MS && now >= state.minute.at) continue;
      state.refused = 0;
      this.#beginMinute(state, now);
    }
    if (rows.length > 0) this.#options.series.append(rows);
  }

  /** Traffic totals that changed since the last call, by node. */
  takeTraffic(): readonly (readonly [number, TrafficRecord])[] {
    const changed: [number, TrafficRecord][] = [];
    for (const state of this.#states.values()) {
      const { record } = state.traffic;
      const { savedTraffic } = state;
      const isSame =
        record.lastUptimeSeconds === (savedTraffic?.lastUptimeSeconds ?? -1) &&
        record.receivedBytes === savedTraffic?.receivedBytes &&
        record.sentBytes === savedTraffic.sentBytes;
      if (isSame) continue;
      state.savedTraffic = record;
      changed.push([state.node, record]);
    }
    return changed;
  }

  /** Sends a ping task to the agents whose turn it is in this second. Nodes take turns within the interval. */
  dispatch(task: ProbeTask, second: number): void {
    const { id, type, target, intervalSeconds } = task;
    const request = { kind: "ping", task: id, type, target } as const;
    const ask = (node: number, link: AgentLink | undefined): void => {
      const isTurn = (second + node * 7 + id * 13) % intervalSeconds === 0;
      if (isTurn && coversNode(task, node)) link?.send(request);
    };
    for (const [node, { link }] of this.#sessions) ask(node, link);
    for (const [node, { link }] of this.#visits) if (!this.#sessions.has(node)) ask(node, link);
  }

  /** Asks the node's connection whether it lives. Single requests are no connection. */
  ask(node: number): void {
    this.#sessions.get(node)?.link?.ask?.();
  }

  /** Ends every connection. */
  close(reason: string): void {
    for (const session of this.#sessions.values()) session.end(reason);
    for (const session of this.#visits.values()) session.end(reason);
  }

  #stateOf(node: number): NodeState {
    const known = this.#states.get(node);
    if (known !== undefined) return known;
    if (this.#options.registry.byId(node) === undefined) throw new NodeNotFoundError();
    const state = new NodeState(node, this.#options.traffic.get(node));
    this.#states.set(node, state);
    this.#beginMinute(state, this.#options.clock.now());
    return state;
  }

  #refuse(session: FleetSession, state: NodeState): boolean {
    this.#flooded += 1;
    state.refused += 1;
    if (state.refused > REFUSED_MOST) session.end("This agent sends too much");
    return false;
  }

  #rollMinute(state: NodeState, now: number): void {
    if (now - state.minute.at < MINUTE_MS && now >= state.minute.at) return;
    if (state.minute.isDirty) this.#options.series.append([rowOf(state)]);
    this.#beginMinute(state, now);
  }

  #beginMinute(state: NodeState, now: number): void {
    state.minute.begin(Math.floor(now / MINUTE_MS) * MINUTE_MS);
    state.traffic.beginPeriod();
  }

  #onChange({ kind, node }: RegistryChange): void {
    if (kind !== "removed" && kind !== "tokenChanged") return;
    const reason = kind === "removed" ? "This node was removed" : "The token of this node changed";
    this.#sessions.get(node.id)?.end(reason);
    this.#visits.get(node.id)?.end(reason);
    if (kind === "tokenChanged") return;
    this.#states.delete(node.id);
    this.#options.presence.forget(node.id);
  }
}

function rowOf({ node, minute, traffic }: NodeState): SeriesRow {
  return minute.row(node, traffic.receivedDelta, traffic.sentDelta);
}
