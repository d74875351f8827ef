import { describeError, errnoOf } from "../../core/errors.ts";
import { AppError } from "../../core/errors.ts";
import type { ImageWriter } from "../../platform/storage/port.ts";
import { MsdUploadCutError } from "./msd-errors.ts";
import type { MsdTransfer } from "./msd-state.ts";

interface Wanted {
  readonly name: string;
  readonly sizeBytes: number;
  readonly removeIncomplete: boolean;
}

/** An image on its way from a client. Call `run` or `abandon`, once. */
export class MsdUpload {
  readonly #wanted: Wanted;
  readonly #writer: ImageWriter;
  readonly #onEnd: (isComplete: boolean) => Promise<void>;
  #doneBytes = 0;

  constructor(wanted: Wanted, writer: ImageWriter, onEnd: (isComplete: boolean) => Promise<void>) {
    this.#wanted = wanted;
    this.#writer = writer;
    this.#onEnd = onEnd;
  }

  get progress(): MsdTransfer {
    const { name, sizeBytes } = this.#wanted;
    return { name, sizeBytes, doneBytes: this.#doneBytes };
  }

  /**
   * Writes everything that comes; the source is read only as fast as the disk writes. Resolves when the image is whole.
   * Rejects with the source's failure, `MsdUploadCutError` or the storage's error; the image is then incomplete or gone.
   */
  async run(source: AsyncIterable<Uint8Array>, onChunk?: () => void): Promise<MsdTransfer> {
    let isComplete = false;
    try {
      await this.#copy(source, onChunk);
      await this.#writer.finish();
      isComplete = true;
      return this.progress;
    } finally {
      if (!isComplete) await this.#writer.abandon({ remove: this.#wanted.removeIncomplete });
      await this.#onEnd(isComplete);
    }
  }

  async abandon(): Promise<void> {
    await this.#writer.abandon({ remove: true });
    await this.#onEnd(false);
  }

  async #copy(source: AsyncIterable<Uint8Array>, onChunk?: () => void): Promise<void> {
    const { sizeBytes } = this.#wanted;
    for await (const chunk of whole(source)) {
      if (this.#doneBytes + chunk.length > sizeBytes) {
        throw new MsdUploadCutError("More bytes came than were announced");
      }
      await this.#writer.write(chunk);
      this.#doneBytes += chunk.length;
      onChunk?.();
    }
    if (this.#doneBytes === sizeBytes) return;
    throw new MsdUploadCutError(`Only ${this.#doneBytes} of ${sizeBytes} bytes came`);
  }
}

/** The source, with a hang-up of its sender told as what it is. */
async function* whole(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source;
  } catch (error) {
    if (error instanceof AppError || errnoOf(error) === undefined) throw error;
    throw new MsdUploadCutError(`The sender is gone: ${describeError(error)}`, { cause: error });
  }
}
