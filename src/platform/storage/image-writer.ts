import { constants } from "node:fs";
import { mkdir, open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError, errnoOf, StorageError, ValidationError } from "../../core/errors.ts";
import { syncFolder } from "../files/atomic.ts";
import { storageError } from "../files/storage-error.ts";
import { markerPath } from "./image-path.ts";
import { ImageExistsError, ImageSpaceError } from "./port.ts";
import type { ImageWriter } from "./port.ts";

/** Small network chunks are gathered to about this much before the kernel is asked. */
const GATHER_BYTES = 256 * 1024;
/** Bounds what the kernel holds back, so that memory and the last sync stay small. */
const SYNC_BYTES = 4 * 1024 * 1024;
const IMAGE_MODE = 0o644;

/** Opens a file; a seam for tests of full disks. */
export type OpenFile = (path: string, flags: number, mode: number) => Promise<FileHandle>;

export const openFile: OpenFile = (path, flags, mode) => open(path, flags, mode);

/** Turns a failure of writing at `path` into what callers know. */
function writeError(path: string, error: unknown): Error {
  switch (errnoOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new ImageSpaceError("The disk is full: the image does not fit", { cause: error });
    case "EEXIST":
      return new ImageExistsError(path, { cause: error });
    case "ENAMETOOLONG":
      return new ValidationError("The name of the image is too long", { cause: error });
    default:
      return storageError("write", path, error);
  }
}

async function mark(path: string): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  // A mark that was left over may be a link, which would lead the write anywhere.
  await forget(markerPath(path));
  const marker = await open(markerPath(path), O_CREAT | O_EXCL | O_WRONLY, IMAGE_MODE);
  try {
    await marker.sync();
  } finally {
    await marker.close();
  }
  await syncFolder(dirname(path));
}

async function forget(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
  });
}

/** Removes an image, then its mark: a crash in between leaves a mark without an image, which means nothing. */
export async function removeImage(path: string): Promise<void> {
  try {
    await unlink(path);
    await forget(markerPath(path));
    await syncFolder(dirname(path));
  } catch (error) {
    throw storageError("remove", path, error);
  }
}

class FileImageWriter implements ImageWriter {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #sizeBytes: number;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #written = 0;
  #unsynced = 0;
  /** The disk works on one part while the next comes in. */
  #syncing: Promise<unknown> = Promise.resolve();

  constructor(path: string, file: FileHandle, sizeBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes < GATHER_BYTES) return;
    await this.#guarded(() => this.#flush());
  }

  async finish(): Promise<void> {
    await this.#guarded(async () => {
      await this.#flush();
      await this.#syncing;
      await this.#file.sync();
      const { size } = await this.#file.stat();
      await this.#file.close();
      if (this.#written !== this.#sizeBytes || size !== this.#sizeBytes) {
        throw new StorageError(`Only ${this.#written} of ${this.#sizeBytes} bytes came`);
      }
      await unlink(markerPath(this.#path));
      await syncFolder(dirname(this.#path));
    });
  }

  async abandon({ remove }: { readonly remove: boolean }): Promise<void> {
    this.#gathered = [];
    await this.#syncing.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    if (remove) await removeImage(this.#path).catch(() => undefined);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw error instanceof AppError ? error : writeError(this.#path, error);
    }
  }

  async #flush(): Promise<void> {
    const parts = this.#gathered;
    const wanted = this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (wanted === 0) return;
    const { bytesWritten } = await this.#file.writev(parts, this.#written);
    this.#written += bytesWritten;
    if (bytesWritten < wanted) await this.#writeRest(Buffer.concat(parts).subarray(bytesWritten));
    await this.#syncSometimes(wanted);
  }

  /** The kernel took only a part: the rest says why, or goes in further parts. */
  async #writeRest(rest: Uint8Array): Promise<void> {
    let left = rest;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.write(left, 0, left.length, this.#written);
      if (bytesWritten === 0) throw new ImageSpaceError("The disk takes no more bytes");
      this.#written += bytesWritten;
      left = left.subarray(bytesWritten);
    }
  }

  async #syncSometimes(bytes: number): Promise<void> {
    this.#unsynced += bytes;
    if (this.#unsynced < SYNC_BYTES) return;
    this.#unsynced = 0;
    await this.#syncing;
    this.#syncing = this.#file.datasync();
    // Its failure is told by the next call; until then it must not count as unhandled.
    this.#syncing.catch(() => undefined);
  }
}

/** Starts a new image at an absolute path whose folder exists. */
export async function startImage(
  path: string,
  sizeBytes: number,
  make: OpenFile,
): Promise<ImageWriter> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  let file: FileHandle | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    await mark(path);
    file = await make(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, IMAGE_MODE);
    await file.truncate(sizeBytes);
    return new FileImageWriter(path, file, sizeBytes);
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await forget(path).catch(() => undefined);
    if (errnoOf(error) !== "EEXIST") await forget(markerPath(path)).catch(() => undefined);
    throw writeError(path, error);
  }
}
