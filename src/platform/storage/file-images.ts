import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError, errnoOf } from "../../core/errors.ts";
import type { Unsubscribe } from "../../core/store.ts";
import { storageError } from "../files/storage-error.ts";
import { FolderWatch } from "./folder-watch.ts";
import { existingPath, nameBelow, newPath } from "./image-path.ts";
import { openImage } from "./image-reader.ts";
import { openFile, removeImage, startImage } from "./image-writer.ts";
import type { OpenFile } from "./image-writer.ts";
import { ImageExistsError, ImageSpaceError } from "./port.ts";
import type { ImageReader, ImageStorage, ImageStore, ImageWriter, StorageListing } from "./port.ts";
import { partAt, scanImages } from "./scan.ts";

/** Changes come in bursts. */
const SETTLE_MS = 200;
/** What no watch tells: free space, and folders beyond the kernel's watches. */
const LOOK_MS = 10_000;
const ROOT_MODE = 0o755;

export interface FileImagesOptions {
  readonly clock: Clock;
  /** Tests put a full disk here. */
  readonly makeFile?: OpenFile;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

class FolderImages implements ImageStore {
  readonly root: string;
  readonly #clock: Clock;
  readonly #makeFile: OpenFile;
  readonly #listeners = new Set<{ notify: () => void }>();
  readonly #watch: FolderWatch;
  #stopLooking: (() => void) | undefined;
  #cancelSettle: (() => void) | undefined;
  #realRoot: string | undefined;

  constructor(root: string, { clock, makeFile = openFile }: FileImagesOptions) {
    this.root = root;
    this.#clock = clock;
    this.#makeFile = makeFile;
    this.#watch = new FolderWatch(() => this.#onChange());
  }

  scan(): Promise<StorageListing> {
    return this.#guarded("list", async () => {
      await mkdir(this.root, { recursive: true, mode: ROOT_MODE });
      this.#realRoot = await realpath(this.root);
      const { folders, ...listing } = await scanImages(this.#realRoot);
      if (this.#listeners.size > 0) this.#watch.follow(folders);
      return listing;
    });
  }

  watch(listener: () => void): Unsubscribe {
    const entry = { notify: listener };
    this.#listeners.add(entry);
    this.#stopLooking ??= every(this.#clock, LOOK_MS, () => this.#notify());
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size > 0) return;
      this.#stopLooking?.();
      this.#stopLooking = undefined;
      this.#cancelSettle?.();
      this.#cancelSettle = undefined;
      this.#watch.close();
    };
  }

  locate(name: string): Promise<string> {
    return this.#guarded("find", () => existingPath(this.root, name));
  }

  nameOf(path: string): string | undefined {
    return nameBelow(this.#realRoot ?? this.root, path);
  }

  create(name: string, sizeBytes: number): Promise<ImageWriter> {
    return this.#guarded("write", async () => {
      await mkdir(this.root, { recursive: true, mode: ROOT_MODE });
      const path = await newPath(this.root, name);
      if (await this.#isTaken(path)) throw new ImageExistsError(name);
      const { freeBytes } = await partAt(dirname(path), true);
      if (sizeBytes > freeBytes) {
        throw new ImageSpaceError(
          `The image of ${gibibytes(sizeBytes)} does not fit: ${gibibytes(freeBytes)} are free`,
        );
      }
      return startImage(path, sizeBytes, this.#makeFile);
    });
  }

  open(name: string): Promise<ImageReader> {
    return this.#guarded("read", async () => openImage(await existingPath(this.root, name)));
  }

  remove(name: string): Promise<void> {
    return this.#guarded("remove", async () => removeImage(await existingPath(this.root, name)));
  }

  async #isTaken(path: string): Promise<boolean> {
    try {
      await lstat(path);
      return true;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      throw error;
    }
  }

  async #guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError ? error : storageError(action, this.root, error);
    }
  }

  #onChange(): void {
    this.#cancelSettle ??= this.#clock.setTimer(SETTLE_MS, () => {
      this.#cancelSettle = undefined;
      this.#notify();
    });
  }

  #notify(): void {
    for (const { notify } of this.#listeners) notify();
  }
}

/** Images on the file systems of this machine. */
export function createImageStorage(options: FileImagesOptions): ImageStorage {
  return { open: (root) => new FolderImages(root, options) };
}
