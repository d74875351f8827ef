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

/**
 * One node as of the last look. Changed in place: with thousands of nodes, new objects twice a second would be most of
 * the work.
 */
class Entry {
  node: NodeRecord;
  kvm: KvmStatus | undefined;
  report: ReceivedReport | undefined;
  isOnline = false;
  since: number | undefined;
  alerts = 0;
  cycleStart = 0;
  totals: Totals = NO_TOTALS;
  /** Whether guests were shown it at the last look. */
  wasPublic = false;
  /** The row but for its last number. */
  #head = "";
  texts: Readonly<Record<Audience, string>> = NO_TEXTS;

  constructor(node: NodeRecord) {
    this.node = node;
  }

  /** Without what guests may not know, the number of alerts. */
  row(audience: Audience): string {
    return `${this.#head},${audience === "guest" ? 0 : this.alerts}]`;
  }

  /** Takes over what the row is made of; false when that is as it was. */
  updateRow({ ingest, presence, cycles, events, alerts }: Hub): boolean {
    const { id } = this.node;
    const report = ingest.latest(id);
    const isOnline = presence.isOnline(id);
    const since = presence.since(id);
    const count = alerts.countOf(id);
    const cycleStart = cycles.startOf(id);
    const isSame =
      this.#head !== "" &&
      this.report === report &&
      this.isOnline === isOnline &&
      this.since === since &&
      this.alerts === count &&
      this.cycleStart === cycleStart;
    if (isSame) return false;
    this.report = report;
    this.isOnline = isOnline;
    this.since = since;
    this.alerts = count;
    this.cycleStart = cycleStart;
    this.#head = rowHead({ ingest, presence, cycles, events }, id, report);
    return true;
  }

  /** Takes over what is shown of the node itself; false when that is as it was. */
  updateNode(node: NodeRecord, kvm: KvmStatus | undefined): boolean {
    const totals = totalsOf(node, this.report);
    const { memory, swap, disk } = this.totals;
    const isSame =
      this.texts !== NO_TEXTS &&
      this.node === node &&
      this.kvm === kvm &&
      memory === totals.memory &&
      swap === totals.swap &&
      disk === totals.disk;
    if (isSame) return false;
    this.node = node;
    this.kvm = kvm;
    this.totals = totals;
    this.texts = textsOf(node, totals, kvm);
    return true;
  }
}

const NO_TOTALS: Totals = { memory: 0, swap: 0, disk: 0 };
const NO_TEXTS: Readonly<Record<Audience, string>> = { guest: "", member: "" };

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
    return entries.map((entry) => entry.row(audience)).join(",");
  }

  #lookAt(node: NodeRecord, changes: Record<Audience, Changes>): void {
    const known = this.#entries.get(node.id);
    const entry = known ?? new Entry(node);
    if (known === undefined) this.#entries.set(node.id, entry);
    const hasNewRow = entry.updateRow(this.#hub);
    const kvm = this.#hub.kvm.of(node.id);
    const { texts } = entry;
    const hasNewNode =
      (hasNewRow || entry.node !== node || entry.kvm !== kvm) && entry.updateNode(node, kvm);
    if (hasNewRow) changes.member.rows.push(entry.row("member"));
    if (hasNewNode) changes.member.nodes.push(entry.texts.member);
    noteForGuests(changes.guest, entry, {
      row: hasNewRow,
      node: hasNewNode && texts.guest !== entry.texts.guest,
    });
  }

  #dropGone(nodes: readonly NodeRecord[], changes: Record<Audience, Changes>): void {
    if (this.#entries.size === nodes.length) return;
    const ids = new Set(nodes.map(({ id }) => id));
    for (const [id, { wasPublic }] of this.#entries) {
      if (ids.has(id)) continue;
      this.#entries.delete(id);
      changes.member.gone.push(id);
      if (wasPublic) changes.guest.gone.push(id);
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

/** Nodes that are hidden go, those that are shown come with everything. */
function noteForGuests(
  change: Changes,
  entry: Entry,
  isNew: { readonly row: boolean; readonly node: boolean },
): void {
  const { wasPublic, node } = entry;
  entry.wasPublic = !node.isHidden;
  if (node.isHidden) {
    if (wasPublic) change.gone.push(node.id);
    return;
  }
  if (isNew.row || !wasPublic) change.rows.push(entry.row("guest"));
  if (isNew.node || !wasPublic) change.nodes.push(entry.texts.guest);
}
