import type { Unsubscribe } from "../../core/store.ts";

/** Small files of configuration and state. Not for disk images. */
export interface FileStore {
  /**
   * Undefined when missing. Other failures reject with `StorageError`, and so does what is no regular file: a pipe or a
   * device would be waited for without end.
   */
  read(path: string): Promise<string | undefined>;
  /** Likewise, the bytes as they are. */
  readBytes(path: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces the file so that a crash leaves either the old or the new content: temporary file, fsync, rename,
   * fsync of the folder. Missing folders are created with mode 0700. Rejects with `StorageError` (full disk,
   * read-only file system, permission) and leaves the old content.
   */
  writeAtomic(path: string, content: string, options?: { readonly mode?: number }): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes a folder that is empty; any other, or one that may not be removed, stays. Never rejects. */
  removeFolder(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /**
   * Paths of the regular files below a folder, relative to it and sorted. Links and hidden entries are left out, so that
   * no path leads out of the folder. Empty when it is missing; rejects with `StorageError` when there are more than `most`.
   */
  listTree(folder: string, most: number): Promise<readonly string[]>;
  /**
   * Whether a path below a folder leads to something below it when all links are followed. False as well when it cannot
   * be followed, because it is missing, for instance. Never rejects.
   */
  staysWithin(folder: string, path: string): Promise<boolean>;
  /** A cheap fingerprint (mtime, size, inode) that changes with the content; undefined when missing. */
  fingerprint(path: string): string | undefined;
  /** Calls back after a change (possibly spuriously). */
  watch(path: string, listener: () => void): Unsubscribe;
}
