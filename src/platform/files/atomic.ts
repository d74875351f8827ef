import { mkdir, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "../../core/errors.ts";

/** Secrets live in these files, so a new one is for its owner only. */
const NEW_FILE_MODE = 0o600;
const NEW_FOLDER_MODE = 0o700;

export interface ReplaceOptions {
  /** Unique part of the temporary file's name. */
  readonly token: string;
  /** Undefined keeps the mode of the old file. */
  readonly mode: number | undefined;
}

/** Makes renames and removals inside a folder durable, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "EINVAL" && errno !== "ENOTSUP") throw error;
  } finally {
    await handle.close();
  }
}

/** Follows a symbolic link, so that the file it points to is replaced and not the link. */
async function resolveTarget(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return path;
    throw error;
  }
}

interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Those of the old file; a new one belongs to whom its folder belongs to. */
async function attributesOf(path: string): Promise<Attributes> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { mode: mode & 0o777, uid, gid };
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    const { uid, gid } = await stat(dirname(path));
    return { mode: NEW_FILE_MODE, uid, gid };
  }
}

const isRoot = (): boolean => process.geteuid?.() === 0;

async function writeSynced(path: string, content: string, attributes: Attributes): Promise<void> {
  const { mode, uid, gid } = attributes;
  const handle = await open(path, "wx", mode);
  try {
    // An operator who changes a password with sudo must not take the file away from the daemon's account.
    if (isRoot()) await handle.chown(uid, gid);
    // `open` subtracts the umask from the mode.
    await handle.chmod(mode);
    await handle.writeFile(content, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file through a temporary one in the same folder. After a failure the old content is in place and the
 * temporary file is gone. Rejects with the error of the operating system.
 */
export async function replaceFile(
  path: string,
  content: string,
  { token, mode }: ReplaceOptions,
): Promise<void> {
  const target = await resolveTarget(path);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true, mode: NEW_FOLDER_MODE });
  const temporary = join(folder, `.${basename(target)}.${token}.tmp`);
  try {
    const old = await attributesOf(target);
    await writeSynced(temporary, content, { ...old, mode: mode ?? old.mode });
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}
