import type { Ingest, NodeTraffic } from "./ingest.ts";
import type { NodeRecord, Registry } from "./registry.ts";
import type { SqlStatement, Tables } from "./series/series.ts";
import { monthStart } from "./zone-time.ts";
import type { MonthStarts } from "./zone-time.ts";

/** What nodes moved in the running month of their traffic limits. */
export interface CycleTraffic {
  /** Zero for an unknown node. `total` is what `Ingest.traffic` says, for callers who have it already. */
  of(node: number, total?: NodeTraffic): NodeTraffic;
  /** Start of the running month, epoch milliseconds; 0 before the first look. */
  startOf(node: number): number;
}

interface Mark {
  readonly start: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

const NOTHING: NodeTraffic = { receivedBytes: 0, sentBytes: 0 };
const STATEMENTS_AT_ONCE = 1000;

/** Months of a node begin on the day of the month on which it expires, else on the first. */
function firstDayOf({ expiresAt }: NodeRecord, months: MonthStarts): number {
  return expiresAt === undefined ? 1 : months.dayOf(expiresAt);
}

export interface CycleTrafficOptions {
  readonly tables: Tables;
  readonly registry: Registry;
  readonly ingest: Pick<Ingest, "traffic">;
  /** IANA name; read at every look. */
  readonly timeZone: () => string;
}

/** Keeps the totals of the moment at which each month began. */
export class StoredCycleTraffic implements CycleTraffic {
  readonly #options: CycleTrafficOptions;
  readonly #marks = new Map<number, Mark>();
  readonly #changed = new Set<number>();

  constructor(options: CycleTrafficOptions) {
    this.#options = options;
    options.registry.subscribe(({ kind, node }) => {
      if (kind !== "removed") return;
      this.#marks.delete(node.id);
      this.#changed.add(node.id);
    });
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT node, start, received, sent FROM node_cycle";
    for (const row of await this.#options.tables.read({ sql, values: [] })) {
      this.#marks.set(Number(row["node"]), {
        start: Number(row["start"]),
        receivedBytes: Number(row["received"]),
        sentBytes: Number(row["sent"]),
      });
    }
  }

  of(node: number, total = this.#options.ingest.traffic(node)): NodeTraffic {
    const mark = this.#marks.get(node) ?? NOTHING;
    const { receivedBytes, sentBytes } = total;
    return {
      receivedBytes: Math.max(0, receivedBytes - mark.receivedBytes),
      sentBytes: Math.max(0, sentBytes - mark.sentBytes),
    };
  }

  startOf(node: number): number {
    return this.#marks.get(node)?.start ?? 0;
  }

  /** Begins months that are due. What a node moved before it was first looked at counts for its first month. */
  look(now: number): void {
    const { registry, ingest, timeZone } = this.#options;
    const months = monthStart(timeZone());
    for (const node of registry.nodes) {
      const start = months.startOf(now, firstDayOf(node, months));
      const before = this.#marks.get(node.id);
      if (before !== undefined && start <= before.start) continue;
      const total = before === undefined ? NOTHING : ingest.traffic(node.id);
      this.#marks.set(node.id, {
        start,
        receivedBytes: total.receivedBytes,
        sentBytes: total.sentBytes,
      });
      this.#changed.add(node.id);
    }
  }

  /** Writes what has changed; tried again by the next call when it rejects with `StorageError`. */
  async save(): Promise<void> {
    const ids = [...this.#changed];
    for (let first = 0; first < ids.length; first += STATEMENTS_AT_ONCE) {
      const part = ids.slice(first, first + STATEMENTS_AT_ONCE);
      // What changes while it is written is written again.
      for (const id of part) this.#changed.delete(id);
      try {
        await this.#options.tables.write(part.map((id) => this.#statement(id)));
      } catch (error) {
        for (const id of part) this.#changed.add(id);
        throw error;
      }
    }
  }

  #statement(node: number): SqlStatement {
    const mark = this.#marks.get(node);
    if (mark === undefined) {
      return { sql: "DELETE FROM node_cycle WHERE node = ?", values: [node] };
    }
    const sql =
      "INSERT OR REPLACE INTO node_cycle (node, start, received, sent) SELECT id, ?, ?, ? FROM node WHERE id = ?";
    return { sql, values: [mark.start, mark.receivedBytes, mark.sentBytes, node] };
  }
}
