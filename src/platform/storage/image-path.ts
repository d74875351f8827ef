import { lstat, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { errnoOf, StorageError, ValidationError } from "../../core/errors.ts";
import { validateMsdImageName } from "../../protocol/kvmd/validators-media.ts";
import { ImageMissingError } from "./port.ts";

const MARKER_PREFIX = ".__";
const MARKER_SUFFIX = ".incomplete";
const NEW_FOLDER_MODE = 0o755;
/** Folders below the root that are looked into; what lay deeper would never be seen again. */
export const MAX_DEPTH = 12;

/** Name of the file that marks an image in the same folder as incomplete, as PiKVM writes it. */
export function markerName(fileName: string): string {
  return `${MARKER_PREFIX}${fileName}${MARKER_SUFFIX}`;
}

export function markerPath(imagePath: string): string {
  return join(dirname(imagePath), markerName(basename(imagePath)));
}

/** Whether clients can name this file or folder: printable, not hidden, not `lost+found`. */
export function isListable(fileName: string): boolean {
  try {
    return validateMsdImageName(fileName) === fileName;
  } catch {
    return false;
  }
}

/** The name below the root, or undefined for a path outside. */
export function nameBelow(root: string, path: string): string | undefined {
  const name = relative(root, path);
  const isInside = name !== "" && name !== ".." && !name.startsWith(`..${sep}`);
  return isInside ? name : undefined;
}

/** Refuses whatever the dialects' validation should have refused already. */
function checkName(name: string): void {
  if (validateMsdImageName(name) !== name) {
    throw new ValidationError(`'${name}' is not the name of an image`);
  }
}

/** Absolute path of an image that is a regular file, with no symbolic link between the root and it. */
export async function existingPath(root: string, name: string): Promise<string> {
  checkName(name);
  try {
    const path = join(await realpath(root), name);
    const found = await lstat(path);
    if (found.isFile() && (await realpath(path)) === path) return path;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw error;
  }
  throw new ImageMissingError(name);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: NEW_FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
  const found = await lstat(path);
  if (!found.isDirectory()) throw new StorageError(`${path} is not a folder`);
}

/** Absolute path for a new image; its folders are made, and none of them is a symbolic link. */
export async function newPath(root: string, name: string): Promise<string> {
  checkName(name);
  const parts = name.split("/");
  if (parts.length - 1 > MAX_DEPTH) {
    throw new ValidationError(`Images may lie in at most ${MAX_DEPTH} folders`);
  }
  let path = await realpath(root);
  for (const folder of parts.slice(0, -1)) {
    path = join(path, folder);
    await makeFolder(path);
  }
  return join(path, parts.at(-1) ?? "");
}
