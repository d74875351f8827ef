import { AppError } from "../../core/errors.ts";
import type { Journal, JournalEntry, JournalQuery } from "../../platform/journal/port.ts";

/** The configuration says that the log is not shown. */
export class LogReaderDisabledError extends AppError {
  static readonly code = "LOG_READER_DISABLED";
  constructor(message = "LogReader is disabled", options?: ErrorOptions) {
    super("unsupported", LogReaderDisabledError.code, message, options);
  }
}

/** As many readers as may be are at work; each may cost a process. */
export class LogReaderBusyError extends AppError {
  static readonly code = "LOG_READER_BUSY";
  constructor(message = "Too many clients read the log", options?: ErrorOptions) {
    super("busy", LogReaderBusyError.code, message, options);
  }
}

const DEFAULT_MAX_READERS = 16;

export interface LogReaderOptions {
  readonly journal: Journal;
  readonly enabled: boolean;
  /** Readers at the same time. Default 16. */
  readonly maxReaders?: number;
}

/** The journal as clients may see it. */
export interface LogReader {
  /**
   * Records as `Journal.read` delivers them. Throws `LogReaderDisabledError` or `LogReaderBusyError` at once. The
   * caller must run the iterator to its end, or abort.
   */
  read(query: JournalQuery, signal: AbortSignal): AsyncGenerator<JournalEntry, void>;
}

export function createLogReader({
  journal,
  enabled,
  maxReaders = DEFAULT_MAX_READERS,
}: LogReaderOptions): LogReader {
  let readers = 0;

  const occupy = (): (() => void) => {
    if (!enabled) throw new LogReaderDisabledError();
    if (readers >= maxReaders) throw new LogReaderBusyError();
    readers += 1;
    let isOccupied = true;
    return () => {
      if (isOccupied) readers -= 1;
      isOccupied = false;
    };
  };

  async function* records(
    query: JournalQuery,
    signal: AbortSignal,
    release: () => void,
  ): AsyncGenerator<JournalEntry, void> {
    try {
      yield* journal.read(query, signal);
    } finally {
      signal.removeEventListener("abort", release);
      release();
    }
  }

  return {
    read(query, signal) {
      const release = occupy();
      // A generator that is never started runs no `finally`, so its place hangs on the signal as well.
      signal.addEventListener("abort", release, { once: true });
      return records(query, signal, release);
    },
  };
}
