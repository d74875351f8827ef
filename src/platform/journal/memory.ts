import type { Clock } from "../../core/clock.ts";
import { renderPinoLine } from "../../protocol/journal/pino-line.ts";
import type { Journal, JournalEntry, JournalQuery } from "./port.ts";

const DEFAULT_CAPACITY_BYTES = 1_048_576;
const MAX_MESSAGE_LENGTH = 16_384;
/** What an entry costs besides its text. */
const ENTRY_BYTES = 96;
const BYTES_PER_CHARACTER = 2;

export interface MemoryJournalOptions {
  /** Memory for entries; the oldest ones make room. Default 1 MiB. */
  readonly capacityBytes?: number;
  readonly clock: Clock;
}

/** A `Journal` for machines without journald. */
export interface MemoryJournal extends Journal {
  readonly kind: "memory";
  /** Never fails and never waits for readers. Overlong messages are cut. */
  append(entry: JournalEntry): void;
}

function costOf({ message }: JournalEntry): number {
  return message.length * BYTES_PER_CHARACTER + ENTRY_BYTES;
}

/** The newest entries by their number, within a bound. */
class Ring {
  readonly #entries = new Map<number, JournalEntry>();
  readonly #capacityBytes: number;
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  /** Number of the oldest entry that is kept. */
  first = 0;
  /** Number that the next entry will get. */
  end = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  at(number: number): JournalEntry | undefined {
    return this.#entries.get(number);
  }

  append(entry: JournalEntry): void {
    this.#entries.set(this.end, entry);
    this.end += 1;
    this.#bytes += costOf(entry);
    while (this.#bytes > this.#capacityBytes && this.end - this.first > 1) this.#dropOldest();
    if (this.#waiting.size === 0) return;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves at the next entry, or on abort. */
  async change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let finish = (): void => undefined;
    await new Promise<void>((resolve) => {
      finish = resolve;
      this.#waiting.add(finish);
      signal.addEventListener("abort", finish, { once: true });
    });
    this.#waiting.delete(finish);
    signal.removeEventListener("abort", finish);
  }

  #dropOldest(): void {
    const oldest = this.#entries.get(this.first);
    if (oldest !== undefined) this.#bytes -= costOf(oldest);
    this.#entries.delete(this.first);
    this.first += 1;
  }
}

function lossMarker(count: number, next: JournalEntry): JournalEntry {
  const message = `(${count} records were dropped: the reader was too slow)`;
  return { at: next.at, unit: next.unit, message };
}

/** Keeps the program's own log in memory. A reader that is overtaken gets a record that says how much it missed. */
export function createMemoryJournal({
  capacityBytes = DEFAULT_CAPACITY_BYTES,
  clock,
}: MemoryJournalOptions): MemoryJournal {
  const ring = new Ring(capacityBytes);

  async function* read(query: JournalQuery, signal: AbortSignal): AsyncGenerator<JournalEntry> {
    const { seekSeconds, follow } = query;
    const since = seekSeconds > 0 ? clock.now() - seekSeconds * 1000 : Number.NEGATIVE_INFINITY;
    const stopAt = follow ? Number.POSITIVE_INFINITY : ring.end;
    let next = ring.first;
    while (next < stopAt && !signal.aborted) {
      const lost = Math.max(0, Math.min(ring.first, stopAt) - next);
      const entry = ring.at(next + lost);
      if (entry === undefined) {
        if (!follow) return;
        await ring.change(signal);
        continue;
      }
      if (lost > 0) yield lossMarker(lost, entry);
      next += lost + 1;
      if (entry.at >= since) yield { ...entry, message: renderPinoLine(entry.message) };
    }
  }
  return {
    kind: "memory",
    read,
    append(entry) {
      const { message } = entry;
      const isLong = message.length > MAX_MESSAGE_LENGTH;
      ring.append(
        isLong ? { ...entry, message: `${message.slice(0, MAX_MESSAGE_LENGTH)}...` } : entry,
      );
    },
  };
}
