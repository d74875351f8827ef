/** The fleet as text, kept up to date for everybody who looks: each change is written once, whoever reads it. */
import type { Clock } from "../../core/clock.ts";
import type { Hub } from "../../hub/hub.ts";
import type { NodeRecord } from "../../hub/registry.ts";
import type { ReceivedReport } from "../../hub/report.ts";
import type { KvmStatus } from "../../protocol/fleet/live.ts";
import { fleetNodeOf, publicNode, rowHead, totalsOf } from "./node-text.ts";
import type { Totals } from "./node-text.ts";

/** Guests, and people who are signed in. */
export type Audience = "guest" | "member";

/** What changed since the last look, for one audience; undefined when nothing did. */
export interface BoardChange {
  readonly text: string;
  /** Nodes came, went or changed: somebody who misses this one needs everything. */
  readonly touchesNodes: boolean;
}

/** What a look finds; values that are replaced when they change, so that comparing is cheap. */
interface Sight {
  readonly node: NodeRecord;
  readonly kvm: KvmStatus | undefined;
  readonly report: ReceivedReport | undefined;
  readonly isOnline: boolean;
  readonly since: number | undefined;
  readonly alerts: number;
  readonly cycleStart: number;
}

interface Entry extends Sight {
  readonly totals: Totals;
  /** The row but for its last number. */
  readonly head: string;
  readonly texts: Readonly<Record<Audience, string>>;
}

/** Collects one audience's changes of one look. */
class Changes {
  readonly rows: string[] = [];
  readonly nodes: string[] = [];
  readonly gone: number[] = [];

  text(at: number): BoardChange | undefined {
    const { rows, nodes, gone } = this;
    const touchesNodes = nodes.length + gone.length > 0;
    if (!touchesNodes && rows.length === 0) return undefined;
    const parts = [`"t":"beat","at":${at}`];
    if (rows.length > 0) parts.push(`"rows":[${rows.join(",")}]`);
    if (nodes.length > 0) parts.push(`"nodes":[${nodes.join(",")}]`);
    if (gone.length > 0) parts.push(`"gone":[${gone.join(",")}]`);
    return { text: `{${parts.join(",")}}`, touchesNodes };
  }
}

const rowOf = ({ head, alerts }: Entry, audience: Audience): string =>
  audience === "guest" ? `${head},0]` : `${head},${alerts}]`;

function sightOf({ ingest, presence, kvm, cycles, alerts }: Hub, node: NodeRecord): Sight {
  const { id } = node;
  return {
    node,
    report: ingest.latest(id),
    isOnline: presence.isOnline(id),
    since: presence.since(id),
    alerts: alerts.countOf(id),
    cycleStart: cycles.startOf(id),
    kvm: kvm.of(id),
  };
}

function hasSameRow(before: Sight, now: Sight): boolean {
  return (
    before.report === now.report &&
    before.isOnline === now.isOnline &&
    before.since === now.since &&
    before.alerts === now.alerts &&
    before.cycleStart === now.cycleStart
  );
}

function hasSameNode(before: Entry, now: Sight, totals: Totals): boolean {
  const { memory, swap, disk } = before.totals;
  return (
    before.node === now.node &&
    before.kvm === now.kvm &&
    memory === totals.memory &&
    swap === totals.swap &&
    disk === totals.disk
  );
}

const AUDIENCES: readonly Audience[] = ["guest", "member"];
const FRESH_MS = 400;

export class LiveBoard {
  readonly #hub: Hub;
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();
  #known: readonly NodeRecord[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;
  #at = 0;
  readonly #snapshots = new Map<Audience, string>();
  readonly #allRows = new Map<Audience, string>();

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /** For readers outside the beat: not older than a moment. Must not be called while somebody waits for beats. */
  refresh(): void {
    const isFresh = this.#clock.monotonic() - this.#lookedMs < FRESH_MS;
    if (!isFresh || this.isOutdated) this.look();
  }

  /** Nodes were added, changed or removed since the last look: whoever did that wants to see it. */
  get isOutdated(): boolean {
    return this.#known !== this.#hub.registry.nodes;
  }

  /** Looks at all nodes and tells what changed. */
  look(): Readonly<Record<Audience, BoardChange | undefined>> {
    this.#lookedMs = this.#clock.monotonic();
    this.#at = this.#clock.now();
    const changes = { guest: new Changes(), member: new Changes() };
    const { nodes } = this.#hub.registry;
    for (const node of nodes) this.#lookAt(node, changes);
    if (nodes !== this.#known) this.#dropGone(nodes, changes);
    this.#known = nodes;
    const result = { guest: changes.guest.text(this.#at), member: changes.member.text(this.#at) };
    for (const audience of AUDIENCES) {
      if (result[audience] === undefined) continue;
      this.#snapshots.delete(audience);
      this.#allRows.delete(audience);
    }
    return result;
  }

  /** Everything, as of the last look. */
  snapshot(audience: Audience): string {
    const known = this.#snapshots.get(audience);
    if (known !== undefined) return known;
    const entries = this.#visible(audience);
    const nodes = entries.map(({ texts }) => texts[audience]).join(",");
    const text = `{"t":"all","at":${this.#at},"nodes":[${nodes}],"rows":[${this.#rowsOf(entries, audience)}]}`;
    this.#snapshots.set(audience, text);
    return text;
  }

  /** All rows as of the last look, as one beat. */
  allRows(audience: Audience): string {
    const known = this.#allRows.get(audience);
    if (known !== undefined) return known;
    const rows = this.#rowsOf(this.#visible(audience), audience);
    const text = `{"t":"beat","at":${this.#at},"rows":[${rows}]}`;
    this.#allRows.set(audience, text);
    return text;
  }

  #visible(audience: Audience): Entry[] {
    const entries = [...this.#entries.values()];
    return audience === "member" ? entries : entries.filter(({ node }) => !node.isHidden);
  }

  #rowsOf(entries: readonly Entry[], audience: Audience): string {
    return entries.map((entry) => rowOf(entry, audience)).join(",");
  }

  #lookAt(node: NodeRecord, changes: Record<Audience, Changes>): void {
    const before = this.#entries.get(node.id);
    const now = sightOf(this.#hub, node);
    const isRowSame = before !== undefined && hasSameRow(before, now);
    if (isRowSame && before.node === node && before.kvm === now.kvm) return;
    const totals = totalsOf(node, now.report);
    const isNodeSame = before !== undefined && hasSameNode(before, now, totals);
    const entry: Entry = {
      ...now,
      totals,
      head: isRowSame ? before.head : rowHead(this.#hub, node.id, now.report),
      texts: isNodeSame ? before.texts : textsOf(node, totals, now.kvm),
    };
    this.#entries.set(node.id, entry);
    note(changes, before, entry);
  }

  #dropGone(nodes: readonly NodeRecord[], changes: Record<Audience, Changes>): void {
    if (this.#entries.size === nodes.length) return;
    const ids = new Set(nodes.map(({ id }) => id));
    for (const [id, { node }] of this.#entries) {
      if (ids.has(id)) continue;
      this.#entries.delete(id);
      changes.member.gone.push(id);
      if (!node.isHidden) changes.guest.gone.push(id);
    }
  }
}

function textsOf(
  node: NodeRecord,
  totals: Totals,
  kvm: KvmStatus | undefined,
): Record<Audience, string> {
  const member = fleetNodeOf(node, totals, kvm);
  const text = JSON.stringify(member);
  const guest = publicNode(member);
  return { member: text, guest: guest === member ? text : JSON.stringify(guest) };
}

function note(changes: Record<Audience, Changes>, before: Entry | undefined, now: Entry): void {
  for (const audience of AUDIENCES) {
    const wasSeen = before !== undefined && (audience === "member" || !before.node.isHidden);
    const isSeen = audience === "member" || !now.node.isHidden;
    const change = changes[audience];
    if (!isSeen) {
      if (wasSeen) change.gone.push(now.node.id);
      continue;
    }
    if (!wasSeen || before.texts[audience] !== now.texts[audience]) {
      change.nodes.push(now.texts[audience]);
    }
    const row = rowOf(now, audience);
    if (!wasSeen || rowOf(before, audience) !== row) change.rows.push(row);
  }
}
