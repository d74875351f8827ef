import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { parseJournalRecord } from "../../protocol/journal/json-record.ts";
import { createLineSplitter } from "../../protocol/journal/lines.ts";
import { renderPinoLine } from "../../protocol/journal/pino-line.ts";
import type { ChildProcessHandle, ProcessRunner } from "../process/port.ts";
import type { Journal, JournalEntry, JournalQuery } from "./port.ts";

/** The system's journal cannot be read; the message is what its reader said. */
export class JournalUnreadableError extends AppError {
  static readonly code = "JOURNAL_UNREADABLE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", JournalUnreadableError.code, message, options);
  }
}

/** The first one is no pattern: patterns alone that match nothing yet are an error for the reader. */
const DEFAULT_UNITS = ["farhand.service", "farhand*.service", "kvmd*.service"] as const;

/** Lines that wait for a slow consumer before the reader is paused. */
const HIGH_WATER = 256;
const MAX_COMPLAINT_LENGTH = 2048;
/** Ten years: journalctl does not understand times before the epoch, and no boot is that long ago. */
const MAX_SEEK_SECONDS = 315_360_000;

export interface JournaldOptions {
  readonly process: ProcessRunner;
  readonly log: Logger;
  /** Units to show, as names or shell patterns; at least one plain name. */
  readonly units?: readonly string[];
}

function journalctlArgs(units: readonly string[], query: JournalQuery): readonly string[] {
  return [
    "--output=json",
    "--output-fields=MESSAGE,_SYSTEMD_UNIT,UNIT",
    "--all",
    "--boot",
    "--quiet",
    "--no-pager",
    ...units.map((unit) => `--unit=${unit}`),
    ...(query.seekSeconds > 0
      ? [`--since=-${Math.min(query.seekSeconds, MAX_SEEK_SECONDS)}s`]
      : []),
    // Following alone would begin with the last ten records.
    ...(query.follow ? ["--follow", "--no-tail"] : []),
  ];
}

/** Lines of a child's output, one at a time; the child is paused while too many of them wait. */
class LineFeed {
  readonly #child: ChildProcessHandle;
  readonly #waiting: string[] = [];
  #isPaused = false;
  #hasEnded = false;
  #wake = (): void => undefined;

  constructor(child: ChildProcessHandle) {
    this.#child = child;
    const splitter = createLineSplitter();
    child.onStdout((bytes) => {
      this.#waiting.push(...splitter.push(bytes));
      if (this.#waiting.length >= HIGH_WATER && !this.#isPaused) {
        this.#isPaused = true;
        child.pauseStdout();
      }
      this.#wake();
    });
    void child.exited.then(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** Ends when the child is gone and everything it said was taken. */
  async *lines(): AsyncGenerator<string> {
    for (;;) {
      for (const line of this.#waiting.splice(0)) yield line;
      this.#resume();
      if (this.#waiting.length > 0) continue;
      if (this.#hasEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#child.resumeStdout();
  }
}

function collectComplaint(child: ChildProcessHandle): () => string {
  const utf8 = new TextDecoder();
  let text = "";
  child.onStderr((bytes) => {
    text = (text + utf8.decode(bytes)).slice(0, MAX_COMPLAINT_LENGTH);
  });
  return () => text.trim();
}

/**
 * `Journal` of systemd through `journalctl`. Reading rejects with `MissingPartError` without that program and with
 * `JournalUnreadableError` when it fails. Every reader has a process of its own, which ends with it.
 */
export function createJournald({ process, log, units = DEFAULT_UNITS }: JournaldOptions): Journal {
  async function* read(query: JournalQuery, signal: AbortSignal): AsyncGenerator<JournalEntry> {
    const child = await process.spawn("journalctl", journalctlArgs(units, query));
    const complaint = collectComplaint(child);
    const onAbort = (): void => {
      void child.kill();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      for await (const line of new LineFeed(child).lines()) {
        if (signal.aborted) return;
        const record = parseJournalRecord(line);
        if (record !== undefined) yield { ...record, message: renderPinoLine(record.message) };
      }
      const { exitCode } = await child.exited;
      if (signal.aborted || exitCode === 0) return;
      throw new JournalUnreadableError(
        `journalctl failed: ${complaint() || `exit status ${exitCode ?? "unknown"}`}`,
      );
    } finally {
      signal.removeEventListener("abort", onAbort);
      await child.kill();
      log.debug({ follow: query.follow }, "journal reader ended");
    }
  }
  return { kind: "journald", read };
}
