import { AppError } from "../../core/errors.ts";
import type { Unsubscribe } from "../../core/store.ts";

/** There is no image of that name. */
export class ImageMissingError extends AppError {
  static readonly code = "IMAGE_MISSING";
  constructor(name: string, options?: ErrorOptions) {
    super("notFound", ImageMissingError.code, `There is no image ${name}`, options);
  }
}

/** A new image would take the place of something that is there already. */
export class ImageExistsError extends AppError {
  static readonly code = "IMAGE_EXISTS";
  constructor(name: string, options?: ErrorOptions) {
    super("conflict", ImageExistsError.code, `There is an image ${name} already`, options);
  }
}

/** The announced bytes do not fit, or the disk became full while they came. */
export class ImageSpaceError extends AppError {
  static readonly code = "IMAGE_SPACE";
  constructor(message: string, options?: ErrorOptions) {
    super("tooLarge", ImageSpaceError.code, message, options);
  }
}

/** One image in the storage. */
export interface StoredImage {
  readonly sizeBytes: number;
  /** Epoch milliseconds, with fractions. */
  readonly modifiedAt: number;
  /** False while it is being written, and for ever when its writing was cut off. */
  readonly complete: boolean;
  /** It can be removed: its part of the storage is writable. */
  readonly removable: boolean;
  /** The computer may write to it. Never true for an `.iso`. */
  readonly writable: boolean;
}

/** A file system of the storage: its root, or one mounted in a sub-folder. */
export interface StoragePart {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly writable: boolean;
}

/** What is in the storage, by `/`-separated paths relative to its root and in their order; the root part is `""`. */
export interface StorageListing {
  readonly images: Readonly<Record<string, StoredImage>>;
  readonly parts: Readonly<Record<string, StoragePart>>;
}

/** An image being written. Calls do not overlap. Exactly one of `finish` and `abandon` ends it. */
export interface ImageWriter {
  /** Resolves when the bytes are with the kernel, every few megabytes also when they are on the disk. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything announced was written: resolves when the image is whole and durable, rejects when bytes are missing. */
  finish(): Promise<void>;
  /** Gives up: the image stays marked as incomplete, or goes. Never rejects. */
  abandon(options: { readonly remove: boolean }): Promise<void>;
}

/** An image being read; its owner must close it. */
export interface ImageReader {
  readonly sizeBytes: number;
  /** The bytes in order, in chunks of at most 256 KiB that the caller may keep. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Bytes of one place; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Disk images in a folder with sub-folders (PiKVM API 4.5, hardware notes 3.6). Names are checked paths relative to the
 * root; no name and no symbolic link leads outside of it. Rejects with the errors above, otherwise with `StorageError`.
 */
export interface ImageStore {
  readonly root: string;
  /** Creates the root if needed and looks at everything. */
  scan(): Promise<StorageListing>;
  /** Calls back some time after something changed, possibly without a reason. */
  watch(listener: () => void): Unsubscribe;
  /** Absolute path of a complete or incomplete image. Rejects with `ImageMissingError`. */
  locate(name: string): Promise<string>;
  /** Name of the image behind an absolute path, undefined for one outside. */
  nameOf(path: string): string | undefined;
  /** Checks the free space, marks the name as incomplete and makes the file with its sub-folders. */
  create(name: string, sizeBytes: number): Promise<ImageWriter>;
  open(name: string): Promise<ImageReader>;
  /** Removes the file and its mark. */
  remove(name: string): Promise<void>;
}

/** Where images are kept on this machine. */
export interface ImageStorage {
  /** The storage in that folder. Touches nothing yet. */
  open(root: string): ImageStore;
}
