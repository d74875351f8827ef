import { isAborted } from "../../core/abort.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import { VideoUnavailableError } from "../../platform/video/port.ts";
import type { AccessUnit } from "../../protocol/h264/flv.ts";
import { parseDumpRecord } from "../../protocol/ustreamer/dump-record.ts";

/** A sink is there, but nothing comes out of it. */
export class SinkSilentError extends AppError {
  static readonly code = "SINK_SILENT";
  constructor(sink: string, options?: ErrorOptions) {
    super("unavailable", SinkSilentError.code, `Nothing comes out of the sink ${sink}`, options);
  }
}

export interface SinkOptions {
  readonly process: ProcessRunner;
  /** The capture program; its companion is installed beside it. */
  readonly program: string;
  readonly sink: string;
  readonly clock: Clock;
  readonly onUnit: (unit: AccessUnit) => void;
}

/** An encoder that works has its first picture within this time. */
const PATIENCE_MS = 5000;
const MAX_LINE_CHARACTERS = 12 * 1024 * 1024;

const companionOf = (program: string): string => `${program}-dump`;

/** Puts lines together from chunks; a line beyond the limit is dropped. */
function createLines(take: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder("latin1");
  let parts: string[] = [];
  let length = 0;
  return (bytes) => {
    const pieces = decoder.decode(bytes).split("\n");
    for (const [index, piece] of pieces.entries()) {
      length += piece.length;
      if (length <= MAX_LINE_CHARACTERS) parts.push(piece);
      if (index === pieces.length - 1) return;
      take(parts.join(""));
      parts = [];
      length = 0;
    }
  };
}

/**
 * Reads a memory sink with H.264 until aborted. Rejects with `SinkSilentError` when nothing comes at first, and with
 * `VideoUnavailableError` when reading ends by itself.
 */
export async function readSink(options: SinkOptions, signal: AbortSignal): Promise<void> {
  const { process, program, sink, clock, onUnit } = options;
  const args = [`--sink=${sink}`, "--output=-", "--output-json", "--no-log-colors"];
  const child = await process.spawn(companionOf(program), args);
  let hasKey = false;
  child.onStdout(
    createLines((line) => {
      const record = parseDumpRecord(line);
      if (record === undefined) return;
      hasKey ||= record.isKey;
      if (hasKey) onUnit({ isKey: record.isKey, data: Buffer.from(record.data, "base64") });
    }),
  );
  const stop = (): void => void child.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (isAborted(signal)) stop();
  const silent = new AbortController();
  const cancel = clock.setTimer(PATIENCE_MS, () => {
    if (hasKey) return;
    silent.abort();
    void child.kill();
  });
  const { exitCode } = await child.exited;
  cancel();
  signal.removeEventListener("abort", stop);
  if (isAborted(signal)) return;
  if (isAborted(silent.signal)) throw new SinkSilentError(sink);
  throw new VideoUnavailableError(`ustreamer-dump ended with status ${exitCode ?? "unknown"}`);
}

/** Asks whoever fills the sink for a key frame. */
export async function requestSinkKey(
  process: ProcessRunner,
  program: string,
  sink: string,
): Promise<void> {
  await process.run(companionOf(program), [`--sink=${sink}`, "--key-required", "--count=1"]);
}
