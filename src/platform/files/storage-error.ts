import { StorageError, describeError, errnoOf } from "../../core/errors.ts";

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the file system is read-only"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of the path is not a folder"],
  ["ENOENT", "no such file or folder"],
  ["EMFILE", "too many open files"],
  ["ENFILE", "too many open files"],
  ["EIO", "the storage device reports an input/output error"],
]);

/** Turns a failure of the operating system into text for people; the original stays in `cause`. */
export function storageError(action: string, path: string, error: unknown): StorageError {
  const reason = REASONS.get(errnoOf(error) ?? "") ?? describeError(error);
  return new StorageError(`Cannot ${action} ${path}: ${reason}`, { cause: error });
}
