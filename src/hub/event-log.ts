import type { Clock } from "../core/clock.ts";
import type { FleetEvent } from "../protocol/fleet/events.ts";
import type { Presence } from "./presence.ts";
import type { Registry } from "./registry.ts";
import type { SqlStatement, SqlValue, Tables } from "./series/series.ts";

export interface EventQuery {
  /** Only older ones; for paging. */
  readonly before?: number | undefined;
  /** At most 500; default 100. */
  readonly limit?: number | undefined;
  readonly node?: number | undefined;
}

export interface KnownPresence {
  readonly isOnline: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type NewEvent = Omit<FleetEvent, "id">;

/** What happened in the fleet: bounded, the oldest go first. */
export interface EventLog {
  /** Newest first, what is not written yet left out. Rejects with `StorageError`. */
  list(query: EventQuery): Promise<readonly FleetEvent[]>;
  /** Never blocks and never throws; written within a second. */
  append(event: NewEvent): void;
  /** What was last known of a node, also from before the hub started; undefined for one that never reported. */
  lastPresence(node: number): KnownPresence | undefined;
}

export interface EventLogOptions {
  readonly tables: Tables;
  readonly registry: Registry;
  readonly presence: Presence;
  readonly clock: Clock;
}

const KEPT_DAYS = 90;
const KEPT_ROWS = 200_000;
const MOST_WAITING = 10_000;
const STATEMENTS_AT_ONCE = 1000;
const DEFAULT_LIMIT = 100;
const MOST_LIMIT = 500;
/** After a start agents need some time to come back. */
export const RETURN_MS = 120_000;

const KINDS: Readonly<Record<string, FleetEvent["kind"]>> = {
  online: "online",
  offline: "offline",
  raised: "raised",
  cleared: "cleared",
  undelivered: "undelivered",
};
const SEVERITIES: Readonly<Record<string, FleetEvent["severity"]>> = {
  info: "info",
  warning: "warning",
  critical: "critical",
};

function eventOf(row: Readonly<Record<string, SqlValue>>): FleetEvent {
  return {
    id: Number(row["id"]),
    at: Number(row["at"]),
    node: Number(row["node"]),
    kind: KINDS[String(row["kind"])] ?? "undelivered",
    rule: Number(row["rule"]),
    severity: SEVERITIES[String(row["severity"])] ?? null,
    value: typeof row["value"] === "number" ? row["value"] : null,
    text: String(row["text"]),
  };
}

function insertStatement({ at, node, kind, rule, severity, value, text }: NewEvent): SqlStatement {
  return {
    sql: "INSERT INTO event (at, node, kind, rule, severity, value, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
    values: [at, node, kind, rule, severity ?? "", value, text],
  };
}

/** Events in the hub's tables, and what is known of each node's presence over restarts. */
export class StoredEventLog implements EventLog {
  readonly #options: EventLogOptions;
  readonly #presence = new Map<number, KnownPresence>();
  readonly #changedPresence = new Set<number>();
  #waiting: NewEvent[] = [];
  #saving: Promise<void> | undefined;
  #startedMs: number;
  #hasWaited = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonic();
    options.presence.subscribe(({ node, isOnline, at }) => {
      this.#note(node, { isOnline, at });
    });
    options.registry.subscribe(({ kind, node }) => {
      if (kind !== "removed") return;
      this.#presence.delete(node.id);
      this.#changedPresence.add(node.id);
    });
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT node, online, at FROM node_presence";
    for (const row of await this.#options.tables.read({ sql, values: [] })) {
      const known = { isOnline: row["online"] === 1, at: Number(row["at"]) };
      this.#presence.set(Number(row["node"]), known);
    }
  }

  lastPresence(node: number): KnownPresence | undefined {
    return this.#presence.get(node);
  }

  append(event: NewEvent): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(event);
  }

  async list({ before, limit, node }: EventQuery): Promise<readonly FleetEvent[]> {
    const most = Math.min(limit ?? DEFAULT_LIMIT, MOST_LIMIT);
    const end = before ?? Number.MAX_SAFE_INTEGER;
    const columns = "SELECT id, at, node, kind, rule, severity, value, text FROM event";
    const rows =
      node === undefined
        ? await this.#options.tables.read({
            sql: `${columns} WHERE id < ? ORDER BY id DESC LIMIT ?`,
            values: [end, most],
          })
        : await this.#options.tables.read({
            sql: `${columns} WHERE node = ? AND id < ? ORDER BY id DESC LIMIT ?`,
            values: [node, end, most],
          });
    return rows.map(eventOf);
  }

  /** Once a second. Nodes that did not come back after the hub's start went away while it was not there. */
  tick(): void {
    const { clock, presence } = this.#options;
    if (this.#hasWaited || clock.monotonic() - this.#startedMs < RETURN_MS) return;
    this.#hasWaited = true;
    for (const [node, { isOnline }] of this.#presence) {
      if (isOnline && presence.since(node) === undefined) {
        this.#note(node, { isOnline: false, at: clock.now() });
      }
    }
  }

  /** Writes what waits; tried again by the next call when it rejects with `StorageError`. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  /** Removes what is too old. Rejects with `StorageError`. */
  async trim(): Promise<void> {
    const oldest = this.#options.clock.now() - KEPT_DAYS * 86_400_000;
    await this.#options.tables.write([
      { sql: "DELETE FROM event WHERE at < ?", values: [oldest] },
      {
        sql: "DELETE FROM event WHERE id <= (SELECT MAX(id) FROM event) - ?",
        values: [KEPT_ROWS],
      },
    ]);
  }

  #note(node: number, now: KnownPresence): void {
    const before = this.#presence.get(node);
    // Back after a restart of the hub: nothing has happened.
    if (before?.isOnline === now.isOnline) return;
    this.#presence.set(node, now);
    this.#changedPresence.add(node);
    const kind = now.isOnline ? "online" : "offline";
    this.append({ at: now.at, node, kind, rule: 0, severity: null, value: null, text: "" });
  }

  async #save(): Promise<void> {
    while (this.#waiting.length + this.#changedPresence.size > 0) {
      const events = this.#waiting.slice(0, STATEMENTS_AT_ONCE);
      const nodes = [...this.#changedPresence].slice(0, STATEMENTS_AT_ONCE);
      // What changes while it is written is written again.
      for (const node of nodes) this.#changedPresence.delete(node);
      try {
        await this.#options.tables.write([
          ...events.map(insertStatement),
          ...nodes.map((node) => this.#presenceStatement(node)),
        ]);
      } catch (error) {
        for (const node of nodes) this.#changedPresence.add(node);
        throw error;
      }
      this.#waiting = this.#waiting.slice(events.length);
    }
  }

  #presenceStatement(node: number): SqlStatement {
    const known = this.#presence.get(node);
    if (known === undefined) {
      return { sql: "DELETE FROM node_presence WHERE node = ?", values: [node] };
    }
    return {
      sql: "INSERT OR REPLACE INTO node_presence (node, online, at) SELECT id, ?, ? FROM node WHERE id = ?",
      values: [known.isOnline ? 1 : 0, known.at, node],
    };
  }
}
