import { batch, computed, signal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { LIVE } from "../../../protocol/fleet/live.ts";
import type {
  FleetBeat,
  FleetNode,
  FleetSnapshot,
  LiveMessage,
  LiveRow,
} from "../../../protocol/fleet/live.ts";
import { parseJson } from "../../lib/json.ts";
import { LiveSocket } from "../../lib/live-socket.ts";
import type { LinkState } from "../../lib/live-socket.ts";
import { loadSession } from "../../lib/session.ts";
import { SHAPES } from "./shapes.ts";

/** One node. Both parts change by themselves, so that only what shows them is drawn again. */
export interface NodeEntry {
  readonly id: number;
  readonly node: Signal<FleetNode>;
  readonly row: Signal<LiveRow>;
}

export type Presence = "online" | "offline" | "never";

export interface FleetTotals {
  readonly nodes: number;
  readonly online: number;
  readonly alerts: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
}

const NOTHING: FleetTotals = {
  nodes: 0,
  online: 0,
  alerts: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 0,
};

const MINUTE_MS = 60_000;

export function presenceOf(row: LiveRow): Presence {
  const code = row[LIVE.presence];
  if (code === 1) return "online";
  return code === 2 ? "offline" : "never";
}

/** The fleet as the hub tells it, by one socket that comes back by itself. */
export class FleetState {
  readonly #entries = signal<readonly NodeEntry[]>([]);
  readonly #totals = signal(NOTHING);
  readonly #at = signal(0);
  readonly #minute = computed(() => Math.floor(this.#at.value / MINUTE_MS) * MINUTE_MS);
  readonly #isLoaded = signal(false);
  readonly #byId = new Map<number, NodeEntry>();
  readonly #socket: LiveSocket;

  constructor() {
    this.#socket = new LiveSocket({
      path: "/native/fleet/live",
      onOpen: () => {
        // The hub ends the socket of a session that has ended, and lets everybody in again as a guest.
        if (this.#isLoaded.peek()) void loadSession();
      },
      onText: (text) => {
        const message = parseJson(text);
        if (SHAPES.live(message)) batch(() => this.apply(message));
      },
    });
  }

  /** In the order in which admins put them; another list only when a node comes, goes or moves. */
  get entries(): ReadonlySignal<readonly NodeEntry[]> {
    return this.#entries;
  }

  get totals(): ReadonlySignal<FleetTotals> {
    return this.#totals;
  }

  /** The hub's time of the newest message, epoch milliseconds. */
  get at(): ReadonlySignal<number> {
    return this.#at;
  }

  /** The minute of it: for words about ages, which need no more. */
  get minute(): ReadonlySignal<number> {
    return this.#minute;
  }

  /** False until the first message. */
  get isLoaded(): ReadonlySignal<boolean> {
    return this.#isLoaded;
  }

  get link(): ReadonlySignal<LinkState> {
    return this.#socket.state;
  }

  byUuid(uuid: string): NodeEntry | undefined {
    return this.#entries.value.find(({ node }) => node.value.uuid === uuid);
  }

  byId(id: number): NodeEntry | undefined {
    return this.#byId.get(id);
  }

  close(): void {
    this.#socket.close();
  }

  apply(message: LiveMessage): void {
    if (message.t === "all") this.#replace(message);
    else this.#beat(message);
    this.#at.value = message.at;
    this.#isLoaded.value = true;
    this.#totals.value = totalsOf(this.#byId.values());
  }

  #replace({ nodes, rows }: FleetSnapshot): void {
    const present = new Set(nodes.map(({ id }) => id));
    for (const id of this.#byId.keys()) if (!present.has(id)) this.#byId.delete(id);
    for (const [index, node] of nodes.entries()) {
      const row = rows[index];
      if (row !== undefined) this.#put(node, row);
    }
    this.#order();
  }

  #beat({ rows = [], nodes = [], gone = [] }: FleetBeat): void {
    for (const id of gone) this.#byId.delete(id);
    const byId = new Map(rows.map((row) => [row[LIVE.id], row]));
    for (const node of nodes) this.#put(node, byId.get(node.id) ?? [node.id]);
    for (const row of rows) {
      const entry = this.#byId.get(row[LIVE.id] ?? 0);
      if (entry !== undefined) entry.row.value = row;
    }
    if (nodes.length > 0 || gone.length > 0) this.#order();
  }

  #put(node: FleetNode, row: LiveRow): void {
    const known = this.#byId.get(node.id);
    if (known === undefined) {
      this.#byId.set(node.id, { id: node.id, node: signal(node), row: signal(row) });
      return;
    }
    known.node.value = node;
    if (row.length > 1) known.row.value = row;
  }

  #order(): void {
    const sorted = [...this.#byId.values()].toSorted(
      (a, b) => a.node.peek().weight - b.node.peek().weight || a.id - b.id,
    );
    this.#entries.value = sorted;
  }
}

function totalsOf(entries: Iterable<NodeEntry>): FleetTotals {
  let [nodes, online, alerts, received, sent] = [0, 0, 0, 0, 0];
  for (const { row } of entries) {
    const figures = row.peek();
    nodes += 1;
    alerts += figures[LIVE.alerts] ?? 0;
    if (presenceOf(figures) !== "online") continue;
    online += 1;
    received += figures[LIVE.receivedBytesPerSecond] ?? 0;
    sent += figures[LIVE.sentBytesPerSecond] ?? 0;
  }
  return {
    nodes,
    online,
    alerts,
    receivedBytesPerSecond: received,
    sentBytesPerSecond: sent,
  };
}
