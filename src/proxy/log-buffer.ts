/** Readers that are this far behind lose the oldest lines. */
const MAX_LINES = 10_000;
const MAX_CHARACTERS = 2 * 1024 * 1024;
/** Dropped entries are given back to the memory in batches. */
const COMPACT_AT = 1024;
const BATCH = 512;

/**
 * The core's last lines. Every reader gets all that are kept and then all that come, at its own pace; one that is too
 * slow loses the oldest lines, and the core never waits for anybody.
 */
export class LogBuffer {
  readonly #maxLines: number;
  #lines: string[] = [];
  /** Index in `#lines` of the oldest line that is kept. */
  #head = 0;
  /** Number, counted from the very first line, of the line at `#head`. */
  #firstNumber = 0;
  #characters = 0;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  constructor(maxLines = MAX_LINES) {
    this.#maxLines = maxLines;
  }

  /** Present readers, for the curious. */
  get waitingReaders(): number {
    return this.#waiting.size;
  }

  append(line: string): void {
    if (this.#isClosed) return;
    this.#lines.push(line);
    this.#characters += line.length;
    while (this.#kept > this.#maxLines || this.#characters > MAX_CHARACTERS) this.#dropOldest();
    this.#wake();
  }

  /** Ends all readers after what they have not read yet. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** The newest lines, oldest first. */
  tail(count: number): readonly string[] {
    return this.#lines.slice(Math.max(this.#head, this.#lines.length - count));
  }

  /** Batches of lines until the buffer is closed or the signal is aborted. Never rejects. */
  async *read(signal: AbortSignal): AsyncGenerator<readonly string[], void, undefined> {
    let next = this.#firstNumber;
    while (!signal.aborted) {
      next = Math.max(next, this.#firstNumber);
      const from = this.#head + next - this.#firstNumber;
      const batch = this.#lines.slice(from, from + BATCH);
      if (batch.length > 0) {
        next += batch.length;
        yield batch;
      } else if (this.#isClosed) {
        return;
      } else {
        await this.#more(signal);
      }
    }
  }

  get #kept(): number {
    return this.#lines.length - this.#head;
  }

  #dropOldest(): void {
    this.#characters -= this.#lines[this.#head]?.length ?? 0;
    this.#lines[this.#head] = "";
    this.#head += 1;
    this.#firstNumber += 1;
    if (this.#head < COMPACT_AT) return;
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        signal.removeEventListener("abort", resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal.addEventListener("abort", resume, { once: true });
    });
  }
}
