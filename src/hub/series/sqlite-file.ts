import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Database, Options } from "better-sqlite3";
import { describeError, howToRestore, MissingPartError, StorageError } from "../../core/errors.ts";
import { APPLICATION_ID, MIGRATIONS } from "./migrations.ts";

type Open = (path: string, options?: Options) => Database;

/** Loads the addon when the first database is opened. Rejects with `MissingPartError`. */
export async function loadAddon(): Promise<Open> {
  try {
    const { default: Sqlite } = await import("better-sqlite3");
    return (path, options) => new Sqlite(path, options);
  } catch (cause) {
    throw new MissingPartError(
      `The package better-sqlite3, which the hub keeps its data with, cannot be loaded (${describeError(cause)}): ${howToRestore("better-sqlite3")}`,
      { cause },
    );
  }
}

/** What went wrong with the file, for people. */
export function storageError(path: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  return new StorageError(`The hub's database ${path}: ${describeError(cause)}`, { cause });
}

function pragmaNumber(database: Database, name: string): number {
  const value: unknown = database.pragma(name, { simple: true });
  return typeof value === "number" ? value : 0;
}

function demandOurs(database: Database, path: string): void {
  const isEmpty = pragmaNumber(database, "page_count") === 0;
  if (!isEmpty && pragmaNumber(database, "application_id") !== APPLICATION_ID) {
    throw new StorageError(`${path} is a database, but not one of a hub; it is left alone`);
  }
  const version = pragmaNumber(database, "user_version");
  if (version > MIGRATIONS.length) {
    throw new StorageError(
      `${path} was written by a newer version of this program (form ${version}); it is left alone`,
    );
  }
}

function migrate(database: Database, migrations: readonly string[]): void {
  const upgrade = database.transaction(() => {
    database.pragma(`application_id = ${APPLICATION_ID}`);
    for (let version = pragmaNumber(database, "user_version"); version < migrations.length;) {
      database.exec(migrations[version] ?? "");
      version += 1;
      database.pragma(`user_version = ${version}`);
    }
  });
  upgrade.immediate();
}

/** Opens or makes the file and brings it up to date. Rejects with `StorageError` or `MissingPartError`. */
export async function openDatabase(
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): Promise<Database> {
  const open = await loadAddon();
  let database: Database | undefined;
  try {
    if (path !== ":memory:") {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Made here for the sake of its mode, which the log beside it takes over.
      closeSync(openSync(path, "a", 0o600));
    }
    database = open(path, { timeout: 10_000 });
    demandOurs(database, path);
    // Before the first table, or never.
    database.pragma("auto_vacuum = INCREMENTAL");
    database.pragma("journal_mode = WAL");
    // With a write-ahead log a crash of the machine may cost the newest transactions, never the file.
    database.pragma("synchronous = NORMAL");
    database.pragma("cache_size = -8000");
    database.pragma("journal_size_limit = 16777216");
    migrate(database, migrations);
    return database;
  } catch (cause) {
    database?.close();
    throw storageError(path, cause);
  }
}

/**
 * Whether a file is a whole database of a hub that this version can read. Rejects with `StorageError` that says what is
 * wrong with it.
 */
export async function checkBackup(path: string): Promise<void> {
  const open = await loadAddon();
  let database: Database | undefined;
  try {
    // SQLite has only its own words for a path that was mistyped.
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined) throw new StorageError(`There is no file ${path}`);
    if (!there.isFile()) throw new StorageError(`${path} is not a file`);
    database = open(path, { readonly: true, fileMustExist: true });
    demandOurs(database, path);
    if (pragmaNumber(database, "user_version") === 0) throw new StorageError(`${path} is empty`);
    const verdict: unknown = database.pragma("integrity_check", { simple: true });
    if (verdict !== "ok") throw new StorageError(`${path} is damaged: ${String(verdict)}`);
  } catch (cause) {
    throw storageError(path, cause);
  } finally {
    database?.close();
  }
}

const withLogs = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-shm`];

/** A checked copy of an open database; `path` is replaced only when the copy is complete. */
export async function backupTo(database: Database, path: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const name of withLogs(partial)) rmSync(name, { force: true });
    await database.backup(partial);
    await checkBackup(partial);
    renameSync(partial, path);
  } catch (cause) {
    throw storageError(path, cause);
  } finally {
    for (const name of withLogs(partial)) rmSync(name, { force: true });
  }
}

/**
 * Puts a checked copy in the place of the database at `path`, which no process may have open. The former one stays
 * beside it with `.before-restore` at its name.
 */
export async function restoreBackup(from: string, path: string): Promise<void> {
  await checkBackup(from);
  const open = await loadAddon();
  const partial = `${path}.partial`;
  let source: Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    source = open(from, { readonly: true, fileMustExist: true });
    await source.backup(partial);
    for (const name of withLogs(path)) {
      const kept = name.replace(path, `${path}.before-restore`);
      rmSync(kept, { force: true });
      if (existsSync(name)) renameSync(name, kept);
    }
    renameSync(partial, path);
  } catch (cause) {
    throw storageError(path, cause);
  } finally {
    source?.close();
    for (const name of withLogs(partial)) rmSync(name, { force: true });
  }
}
