import { constants } from "node:fs";
import type { Dirent, Stats } from "node:fs";
import { access, lstat, readdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { isListable, markerName, MAX_DEPTH } from "./image-path.ts";
import type { StorageListing, StoragePart, StoredImage } from "./port.ts";

/** Bound for a storage that somebody else filled. */
const MAX_IMAGES = 4096;

export interface ScanResult extends StorageListing {
  /** Absolute paths of every folder that was looked at. */
  readonly folders: readonly string[];
}

interface Draft {
  readonly images: Map<string, StoredImage>;
  readonly parts: Map<string, StoragePart>;
  readonly folders: string[];
}

interface Place {
  readonly path: string;
  /** Relative to the root; empty for the root itself. */
  readonly name: string;
  readonly depth: number;
  readonly device: number;
  readonly isWritable: boolean;
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Size and free space of the file system at `path`, as far as an ordinary user may use it. */
export async function partAt(path: string, writable: boolean): Promise<StoragePart> {
  const { bsize, blocks, bavail } = await statfs(path);
  return { sizeBytes: bsize * blocks, freeBytes: bsize * bavail, writable };
}

/** Entries may vanish while we look. */
async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

async function imageAt(
  path: string,
  stat: Stats,
  place: Place,
): Promise<Omit<StoredImage, "complete">> {
  const isIso = path.toLowerCase().endsWith(".iso");
  return {
    sizeBytes: stat.size,
    modifiedAt: stat.mtimeMs,
    removable: place.isWritable,
    writable: !isIso && (await isWritable(path)),
  };
}

async function takeFolder(draft: Draft, place: Place, entry: Dirent, stat: Stats): Promise<void> {
  if (place.depth >= MAX_DEPTH) return;
  const path = join(place.path, entry.name);
  const name = place.name === "" ? entry.name : `${place.name}/${entry.name}`;
  const isPart = stat.dev !== place.device;
  const inner = {
    path,
    name,
    depth: place.depth + 1,
    device: stat.dev,
    isWritable: isPart ? await isWritable(path) : place.isWritable,
  };
  try {
    if (isPart) draft.parts.set(name, await partAt(path, inner.isWritable));
    await scanFolder(draft, inner);
  } catch {
    // A folder that cannot be read (a network mount that is gone) must not hide the rest.
  }
}

async function scanFolder(draft: Draft, place: Place): Promise<void> {
  const entries = await readdir(place.path, { withFileTypes: true });
  draft.folders.push(place.path);
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    if (!isListable(entry.name) || draft.images.size >= MAX_IMAGES) continue;
    const path = join(place.path, entry.name);
    const stat = await statOf(path);
    // Symbolic links are neither: they may lead anywhere.
    if (stat?.isDirectory() === true) await takeFolder(draft, place, entry, stat);
    if (stat?.isFile() !== true) continue;
    const complete = !names.has(markerName(entry.name));
    const name = place.name === "" ? entry.name : `${place.name}/${entry.name}`;
    draft.images.set(name, { ...(await imageAt(path, stat, place)), complete });
  }
}

function sorted<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Looks at everything below an existing root. */
export async function scanImages(root: string): Promise<ScanResult> {
  const draft: Draft = { images: new Map(), parts: new Map(), folders: [] };
  const { dev } = await lstat(root);
  const place = { path: root, name: "", depth: 0, device: dev, isWritable: await isWritable(root) };
  // Clients take a root that is not writable for a missing storage.
  draft.parts.set("", await partAt(root, true));
  await scanFolder(draft, place);
  return { images: sorted(draft.images), parts: sorted(draft.parts), folders: draft.folders };
}
