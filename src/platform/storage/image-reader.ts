import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { storageError } from "../files/storage-error.ts";
import type { ImageReader } from "./port.ts";

const CHUNK_BYTES = 256 * 1024;

class FileImageReader implements ImageReader {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #file: FileHandle;
  #isClosed = false;

  constructor(path: string, file: FileHandle, sizeBytes: number) {
    this.#path = path;
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    let offset = 0;
    while (offset < this.sizeBytes) {
      const chunk = await this.read(offset, Math.min(CHUNK_BYTES, this.sizeBytes - offset));
      if (chunk.length === 0) {
        throw storageError("read", this.#path, new Error("the file became shorter meanwhile"));
      }
      yield chunk;
      offset += chunk.length;
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    try {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await this.#file.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw storageError("read", this.#path, error);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close();
  }
}

/** Opens the image at an absolute path. */
export async function openImage(path: string): Promise<ImageReader> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await file.stat();
    return new FileImageReader(path, file, size);
  } catch (error) {
    await file?.close().catch(() => undefined);
    throw storageError("read", path, error);
  }
}
