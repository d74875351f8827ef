import type { ImageReader } from "../../platform/storage/port.ts";
import type { MsdTransfer } from "./msd-state.ts";

/** An image on its way to a client. Close it, whatever happens. */
export class MsdDownload {
  readonly #name: string;
  readonly #reader: ImageReader;
  readonly #onEnd: () => void;
  #doneBytes = 0;
  #isClosed = false;

  constructor(name: string, reader: ImageReader, onEnd: () => void) {
    this.#name = name;
    this.#reader = reader;
    this.#onEnd = onEnd;
  }

  get progress(): MsdTransfer {
    return { name: this.#name, sizeBytes: this.#reader.sizeBytes, doneBytes: this.#doneBytes };
  }

  /** The bytes in order; ending early is fine. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of this.#reader.chunks()) {
      this.#doneBytes += chunk.length;
      // Who has got the last byte may ask for the next operation at once.
      if (this.#doneBytes === this.#reader.sizeBytes) await this.close();
      yield chunk;
    }
  }

  /** Ends it; calling it again does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#reader.close();
    } finally {
      this.#onEnd();
    }
  }
}
