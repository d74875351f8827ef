import { randomUUID } from "node:crypto";
import { open, readdir, realpath, rmdir, unlink } from "node:fs/promises";
import { constants, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf, StorageError } from "../../core/errors.ts";
import { replaceFile, syncFolder } from "./atomic.ts";
import type { FileStore } from "./port.ts";
import { storageError } from "./storage-error.ts";
import { watchFile } from "./watch.ts";

/** A path that is not there, also because a part of it is a file. */
function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

function fingerprint(path: string): string | undefined {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  } catch {
    return undefined;
  }
}

/** Folders in folders that are looked into. */
const MOST_LEVELS = 32;

/** Regular files below `folder`, as paths behind `prefix`. */
async function filesBelow(folder: string, prefix: string, found: string[], most: number) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = `${prefix}${entry.name}`;
    if (entry.isFile()) found.push(path);
    // Links are neither files nor folders here.
    else if (entry.isDirectory() && path.split("/").length < MOST_LEVELS) {
      await filesBelow(join(folder, entry.name), `${path}/`, found, most);
    }
    if (found.length > most) throw new StorageError(`${folder} holds more than ${most} files`);
  }
}

/** Runs writes to the same path one after the other, so that the last call wins. */
function createLanes(): (path: string, job: () => Promise<void>) => Promise<void> {
  const tails = new Map<string, Promise<void>>();
  return async (path, job) => {
    const previous = tails.get(path) ?? Promise.resolve();
    const current = previous.then(job);
    // The lane itself must not break when one of its writes fails.
    const tail = current.catch(() => undefined);
    tails.set(path, tail);
    try {
      await current;
    } finally {
      if (tails.get(path) === tail) tails.delete(path);
    }
  };
}

/** A pipe is opened without waiting for its other end. */
const READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

async function readRegular(path: string): Promise<Buffer> {
  const file = await open(path, READING);
  try {
    const stat = await file.stat();
    // Reading a folder fails with words of its own.
    if (!stat.isFile() && !stat.isDirectory()) throw new StorageError("it is no regular file");
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Undefined when there is no such file. */
async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readRegular(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storageError("read", path, error);
  }
}

async function staysWithin(folder: string, path: string): Promise<boolean> {
  try {
    const [root, target] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    return target.startsWith(root.endsWith("/") ? root : `${root}/`);
  } catch {
    return false;
  }
}

/** `FileStore` on the file system of this machine. Writes to one path happen in the order of the calls. */
export function createFileStore(): FileStore {
  const inLane = createLanes();
  return {
    read: async (path) => (await bytesOf(path))?.toString("utf8"),
    readBytes: bytesOf,
    writeAtomic(path, content, options = {}) {
      return inLane(path, async () => {
        try {
          await replaceFile(path, content, { token: randomUUID(), mode: options.mode });
        } catch (error) {
          throw storageError("write", path, error);
        }
      });
    },
    remove(path) {
      return inLane(path, async () => {
        try {
          await unlink(path);
          await syncFolder(dirname(path));
        } catch (error) {
          if (!isMissing(error)) throw storageError("remove", path, error);
        }
      });
    },
    async removeFolder(path) {
      await rmdir(path).catch(() => undefined);
    },
    async list(folder) {
      try {
        const names = await readdir(folder);
        return names.sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw storageError("list", folder, error);
      }
    },
    async listTree(folder, most) {
      const found: string[] = [];
      try {
        await filesBelow(folder, "", found, most);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error instanceof StorageError ? error : storageError("list", folder, error);
      }
      return found.sort();
    },
    staysWithin,
    fingerprint,
    watch: (path, listener) => watchFile(path, listener),
  };
}
