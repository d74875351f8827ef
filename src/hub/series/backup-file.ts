import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Database } from "better-sqlite3";
import { StorageError } from "../../core/errors.ts";
import { checkBackup, loadAddon, restoreBackup, storageError } from "./sqlite-file.ts";

// Copies of the database for the commands `backup` and `restore`, beside a daemon that goes on.

const stagedPath = (path: string): string => `${path}.restore`;

/** A copy must not take the place of what it is made from, nor of a device. */
function demandPlace(to: string, path: string): void {
  const there = statSync(to, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isFile()) throw new StorageError(`${to} is there already, and is not a file`);
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`, stagedPath(path)]) {
    const own = statSync(name, { throwIfNoEntry: false });
    if (own === undefined || own.ino !== there.ino || own.dev !== there.dev) continue;
    throw new StorageError(`${to} belongs to the hub's database itself: name another file`);
  }
}

/**
 * A checked copy of the database at `path`, as it is at this moment; a process that writes to it is not held up. `to` is
 * replaced only when the copy is complete. Rejects with `StorageError` or `MissingPartError`.
 */
export async function copyDatabase(path: string, to: string): Promise<void> {
  const open = await loadAddon();
  const partial = `${to}.partial`;
  let source: Database | undefined;
  try {
    if (!existsSync(path)) throw new StorageError(`There is no database at ${path}`);
    demandPlace(to, path);
    // Not made here: a folder that is not there is a word that was mistyped.
    if (!existsSync(dirname(to))) throw new StorageError(`There is no folder ${dirname(to)}`);
    rmSync(partial, { force: true });
    // What is in it is nobody else's to read.
    closeSync(openSync(partial, "wx", 0o600));
    source = open(path, { readonly: true, timeout: 10_000 });
    // One read of one state: a copy page by page would begin anew with every write of the daemon.
    source.prepare("VACUUM INTO ?").run(partial);
    await checkBackup(partial);
    renameSync(partial, to);
  } catch (cause) {
    throw storageError(path, cause);
  } finally {
    source?.close();
    rmSync(partial, { force: true });
  }
}

/** Puts a checked backup where `finishRestore` finds it at the next start. Rejects with `StorageError`. */
export async function stageRestore(from: string, path: string): Promise<void> {
  await checkBackup(from);
  const partial = `${stagedPath(path)}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    copyFileSync(from, partial);
    const { uid, gid } = statSync(dirname(path));
    // Root restores for the daemon, which has to be able to take it.
    chownSync(partial, uid, gid);
    chmodSync(partial, 0o600);
    renameSync(partial, stagedPath(path));
  } catch (cause) {
    rmSync(partial, { force: true });
    throw storageError(path, cause);
  }
}

/** Before the database is opened: puts a staged backup in its place. True when there was one. */
export async function finishRestore(path: string): Promise<boolean> {
  const staged = stagedPath(path);
  if (!existsSync(staged)) return false;
  await restoreBackup(staged, path);
  rmSync(staged, { force: true });
  return true;
}
