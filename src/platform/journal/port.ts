/** One log record. */
export interface JournalEntry {
  /** Epoch milliseconds. */
  readonly at: number;
  /** systemd unit with its suffix, `farhand.service`. */
  readonly unit: string;
  readonly message: string;
}

export interface JournalQuery {
  /** Only the last N seconds; 0 = from the start of this boot. */
  readonly seekSeconds: number;
  /** Keeps delivering new records until aborted. */
  readonly follow: boolean;
}

export interface Journal {
  readonly kind: "journald" | "memory";
  /**
   * Records in order. Ends after the last record, or on abort when following. The consumer's pace is respected:
   * nothing is buffered without bound.
   */
  read(query: JournalQuery, signal: AbortSignal): AsyncIterable<JournalEntry>;
}
