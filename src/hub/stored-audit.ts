import type { Clock } from "../core/clock.ts";
import { AppError, describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Act, Audit, AuditEntry, AuditQuery, NewAuditEntry } from "./audit.ts";
import type { SqlStatement, SqlValue, Tables } from "./series/series.ts";

const MAX_WORD = 128;
const MAX_DETAIL = 1024;
const DEFAULT_LIMIT = 100;
const MOST_AT_ONCE = 1000;
const NEWEST = Number.MAX_SAFE_INTEGER;

/** One line, and no longer than there is room for. */
function line(text: string, limit: number): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return plain.length > limit ? `${plain.slice(0, limit - 3)}...` : plain;
}

function insert({ actor, action, node = 0, detail = "" }: NewAuditEntry, at: number): SqlStatement {
  return {
    sql: "INSERT INTO audit (at, user, address, action, node, detail) VALUES (?, ?, ?, ?, ?, ?)",
    values: [
      at,
      line(actor.user, MAX_WORD),
      line(actor.address, MAX_WORD),
      line(action, MAX_WORD),
      node,
      line(detail, MAX_DETAIL),
    ],
  };
}

function entryOf(row: Readonly<Record<string, SqlValue>>): AuditEntry {
  return {
    id: Number(row["id"]),
    at: Number(row["at"]),
    user: String(row["user"]),
    address: String(row["address"]),
    action: String(row["action"]),
    node: Number(row["node"]),
    detail: String(row["detail"]),
  };
}

function limitOf({ limit = DEFAULT_LIMIT }: AuditQuery): number {
  return Number.isFinite(limit) ? Math.min(Math.max(1, Math.floor(limit)), MOST_AT_ONCE) : 1;
}

/** Messages may hold what people have typed; codes do not. */
function failureOf<T>({ detail = "", ...act }: Act<T>, error: unknown): NewAuditEntry {
  const code = error instanceof AppError ? error.code : "INTERNAL";
  return { ...act, detail: `Not done, ${code}: ${detail}` };
}

/** The audit table in the hub's file; what keeps its rows as they are is in the table itself (`series/migrations.ts`). */
export class StoredAudit implements Audit {
  readonly #tables: Tables;
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Logger;

  constructor(tables: Tables, clock: Pick<Clock, "now">, log: Logger) {
    this.#tables = tables;
    this.#clock = clock;
    this.#log = log;
  }

  record(entry: NewAuditEntry): Promise<void> {
    return this.recordAll([entry]);
  }

  /** All of them or none. */
  recordAll(entries: readonly NewAuditEntry[]): Promise<void> {
    const at = this.#clock.now();
    return this.#tables.writeSafely(entries.map((entry) => insert(entry, at)));
  }

  async act<T>(act: Act<T>, work: () => T | Promise<T>): Promise<T> {
    await this.record(act);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.#note(failureOf(act, error));
      throw error;
    }
    if (act.outcome !== undefined) await this.#note({ ...act.outcome(result), actor: act.actor });
    return result;
  }

  async list(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const { before = NEWEST, user = "", action = "", node = 0 } = query;
    const sql = `SELECT id, at, user, address, action, node, detail FROM audit
      WHERE id < ? AND (? = '' OR user = ?) AND (? = '' OR action = ?) AND (? = 0 OR node = ?)
      ORDER BY id DESC LIMIT ?`;
    const values = [before, user, user, action, action, node, node, limitOf(query)];
    return (await this.#tables.read({ sql, values })).map(entryOf);
  }

  /** The act is on record already. */
  async #note(entry: NewAuditEntry): Promise<void> {
    try {
      await this.record(entry);
    } catch (error) {
      const { actor, action, detail } = entry;
      const problem = describeError(error);
      this.#log.error({ ...actor, action, detail, problem }, "What came of an act is not recorded");
    }
  }
}
