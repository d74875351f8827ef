/** The answer to an upload by address: one JSON record a line while the file comes (PiKVM API 4.5). */
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { MsdUpload } from "../../device/msd/msd-upload.ts";
import type { RemoteFile } from "../../platform/storage/remote/port.ts";
import { fail, ndjsonLine, ok } from "../../protocol/kvmd/envelope.ts";
import { wireErrorOf } from "./errors.ts";
import { uploadView } from "./msd-view.ts";

export interface UploadRecordsOptions {
  readonly upload: MsdUpload;
  readonly file: RemoteFile;
  readonly clock: Clock;
  /** The client is gone: the download ends. */
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, "warn">;
}

/** A record is due when the whole second has advanced by so many. */
const PERIOD_SECONDS = 2;

/** Lines that wait for the client; of records of progress only the newest does. */
class Lines {
  #waiting: string[] = [];
  #progress: string | undefined;
  #isOver = false;
  #wake: () => void = () => undefined;

  progress(line: string): void {
    this.#progress = line;
    this.#wake();
  }

  end(...lines: readonly string[]): void {
    this.#waiting = [...lines];
    this.#isOver = true;
    this.#wake();
  }

  async *all(): AsyncGenerator<string, void> {
    for (;;) {
      const progress = this.#progress;
      this.#progress = undefined;
      if (progress !== undefined) yield progress;
      else if (this.#isOver) break;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
    for (const line of this.#waiting) yield line;
  }
}

function errorLine(error: unknown): string {
  const wire = error instanceof AppError ? wireErrorOf(error) : undefined;
  return ndjsonLine(
    wire === undefined
      ? fail("InternalServerError", "Internal error")
      : fail(wire.error, wire.message),
  );
}

/** Starts the work at once; the lines tell how it goes. */
export function uploadRecords(options: UploadRecordsOptions): AsyncGenerator<string, void> {
  const { upload, file, clock, signal, log } = options;
  const lines = new Lines();
  const record = (): string => ndjsonLine(ok({ image: uploadView(upload.progress) }));
  const second = (): number => Math.floor(clock.monotonic() / 1000);
  const first = record();
  let isFirstChunk = true;
  let last = second();
  const onChunk = (): void => {
    if (!isFirstChunk && second() - last < PERIOD_SECONDS) return;
    isFirstChunk = false;
    last = second();
    lines.progress(record());
  };
  const stop = (): void => {
    file.close();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  upload
    .run(file.chunks(), onChunk)
    .then(() => {
      lines.end(record());
    })
    .catch((error: unknown) => {
      log.warn({ err: error }, "Upload from an address failed");
      lines.end(record(), errorLine(error));
    })
    .finally(() => {
      signal.removeEventListener("abort", stop);
      file.close();
    });
  async function* all(): AsyncGenerator<string, void> {
    yield first;
    yield* lines.all();
  }
  return all();
}
