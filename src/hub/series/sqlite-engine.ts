import { statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { StorageError } from "../../core/errors.ts";
import type { SqlRow, StorageEngine, StorageReply, StorageRequest } from "./requests.ts";
import { RowStore } from "./row-store.ts";
import type { SqlStatement, SqlValue, StorageFigures } from "./series.ts";
import { backupTo, openDatabase, storageError } from "./sqlite-file.ts";
import { tiersOf } from "./tiers.ts";

/** Work on old rows at a stretch: what else is asked for waits this long at most. */
const MAINTENANCE_MS = 4;

/** The only connection to the database. Requests do not overlap, except that a backup goes on beside the others. */
export class SqliteEngine implements StorageEngine {
  #path = "";
  #database: Database | undefined;
  #rows: RowStore | undefined;

  async perform(request: StorageRequest): Promise<StorageReply> {
    try {
      return await this.#perform(request);
    } catch (cause) {
      throw storageError(this.#path, cause);
    }
  }

  async #perform(request: StorageRequest): Promise<StorageReply> {
    switch (request.kind) {
      case "open":
        this.#path = request.path;
        this.#database = await openDatabase(request.path);
        this.#rows = new RowStore(this.#database, tiersOf(request.retention));
        return {};
      case "append":
        this.#openRows().append(request.rows);
        return {};
      case "range":
        return { range: this.#openRows().range(request.query, request.now) };
      case "maintain":
        return { isBusy: this.#openRows().maintain(request.now, MAINTENANCE_MS) };
      case "write":
        this.#write(request.statements);
        return {};
      case "writeSafely":
        this.#writeSafely(request.statements);
        return {};
      case "read":
        return { rows: this.#read(request.statement) };
      case "figures":
        return { figures: this.#figures() };
      case "backup":
        await backupTo(this.#open(), request.path);
        return {};
      case "close":
        this.#database?.close();
        this.#database = undefined;
        this.#rows = undefined;
        return {};
    }
  }

  #open(): Database {
    if (this.#database === undefined) throw new StorageError("The hub's database is not open");
    return this.#database;
  }

  #openRows(): RowStore {
    if (this.#rows === undefined) throw new StorageError("The hub's database is not open");
    return this.#rows;
  }

  #write(statements: readonly SqlStatement[]): void {
    const database = this.#open();
    const run = database.transaction(() => {
      for (const { sql, values } of statements) database.prepare(sql).run(...values);
    });
    run.immediate();
  }

  /** The log is on the disk with this transaction, and with all before it. */
  #writeSafely(statements: readonly SqlStatement[]): void {
    const database = this.#open();
    database.pragma("synchronous = FULL");
    try {
      this.#write(statements);
    } finally {
      database.pragma("synchronous = NORMAL");
    }
  }

  #read({ sql, values }: SqlStatement): readonly SqlRow[] {
    return this.#open()
      .prepare<SqlValue[], SqlRow>(sql)
      .all(...values);
  }

  #figures(): StorageFigures {
    const database = this.#open();
    const pageSize = Number(database.pragma("page_size", { simple: true }));
    const pages = Number(database.pragma("page_count", { simple: true }));
    const free = Number(database.pragma("freelist_count", { simple: true }));
    const logBytes = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return {
      fileBytes: pages * pageSize,
      logBytes,
      freeBytes: free * pageSize,
      looseRows: this.#openRows().looseRows,
    };
  }
}
