import { AppError, StorageError } from "../../core/errors.ts";
import type { ChildProcessHandle, ProcessRunner } from "../../platform/process/port.ts";

/** The program that would compress is not installed. */
export class MsdCompressionMissingError extends AppError {
  static readonly code = "MSD_COMPRESSION_MISSING";
  constructor(program: string, packageName: string, options?: ErrorOptions) {
    const message = `Program ${program} is not installed; its package is called ${packageName}`;
    super("unsupported", MsdCompressionMissingError.code, message, options);
  }
}

export interface Compressor {
  /** What the name of the file gets. */
  readonly suffix: string;
  /** The compressed bytes; the program's output is read only as fast as it is taken. */
  run(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly packageName: string;
  readonly suffix: string;
}

/** Levels that need little memory: the board has to run beside them. */
const PROGRAMS = {
  zstd: { command: "zstd", args: ["-q", "-3", "-c"], packageName: "zstd", suffix: ".zst" },
  lzma: { command: "xz", args: ["-q", "-1", "-c"], packageName: "xz-utils", suffix: ".xz" },
} as const satisfies Record<string, Program>;

const OUTPUT_LIMIT = 1024 * 1024;

/** What the program has written and nobody has taken. */
class Output {
  readonly #child: ChildProcessHandle;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(child: ChildProcessHandle) {
    this.#child = child;
    child.onStdout((bytes) => {
      this.#chunks.push(bytes);
      this.#bytes += bytes.length;
      if (this.#bytes > OUTPUT_LIMIT) child.pauseStdout();
      this.#wake();
    });
    void child.exited.then(() => {
      this.#isOver = true;
      this.#wake();
    });
  }

  async *taken(): AsyncGenerator<Uint8Array, void> {
    while (!this.#isOver || this.#chunks.length > 0) {
      const chunks = this.#chunks;
      this.#chunks = [];
      this.#bytes = 0;
      yield* chunks;
      this.#child.resumeStdout();
      if (this.#chunks.length > 0 || this.#isOver) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function feed(child: ChildProcessHandle, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) await child.write(chunk);
  child.endInput();
}

async function* compressed(
  child: ChildProcessHandle,
  command: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const feeding = feed(child, source);
  // Without the rest of its input the program's output is worth nothing.
  feeding.catch(() => void child.kill());
  try {
    yield* new Output(child).taken();
    const { exitCode } = await child.exited;
    await feeding;
    if (exitCode !== 0) throw new StorageError(`Program ${command} ended with ${exitCode}`);
  } finally {
    await child.kill();
  }
}

/** How to compress; undefined for a mode that does not. Rejects with `MsdCompressionMissingError`. */
export async function compressorFor(
  mode: "" | "none" | "lzma" | "zstd",
  process: ProcessRunner,
): Promise<Compressor | undefined> {
  if (mode === "" || mode === "none") return undefined;
  const { command, args, packageName, suffix } = PROGRAMS[mode];
  const path = await process.which(command);
  if (path === undefined) throw new MsdCompressionMissingError(command, packageName);
  return {
    suffix,
    async *run(source, signal) {
      const child = await process.spawn(path, args);
      const onAbort = (): void => void child.kill();
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        yield* compressed(child, command, source);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}
