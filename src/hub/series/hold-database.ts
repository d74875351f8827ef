import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { errnoOf, StorageError } from "../../core/errors.ts";
import { loadAddon, storageError } from "./sqlite-file.ts";

/** A command that used the database while no daemon ran is done by then. */
const PATIENCE_MS = 3000;

/**
 * Keeps other hubs, of this process too, from the database at `path` until the returned function is called: each has the
 * fleet in memory and would write over the other. The system lets go when the process ends, however it ends. Copies for
 * backups are not held up. Rejects with `StorageError` when another has it, and with `MissingPartError`.
 */
export async function holdDatabase(path: string): Promise<() => void> {
  if (path === ":memory:") return () => undefined;
  const open = await loadAddon();
  const lockPath = `${path}.lock`;
  let lock: Database | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(lockPath, "a", 0o600));
    lock = open(lockPath, { timeout: PATIENCE_MS });
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock?.close();
    if (errnoOf(cause) !== "SQLITE_BUSY") throw storageError(path, cause);
    throw new StorageError(
      `The hub's database ${path} is in use by another process: stop that one, or give each its own (dataDir, hub.storage.path)`,
    );
  }
  const held = lock;
  return () => {
    held.close();
  };
}
