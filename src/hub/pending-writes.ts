import type { SqlStatement, Tables } from "./series/series.ts";

const AT_ONCE = 1000;
const MOST = 50_000;

/** Statements that are written within a second, in their order. For those who must not wait for the file. */
export class PendingWrites {
  readonly #tables: Tables;
  #waiting: SqlStatement[] = [];
  #flushing: Promise<void> | undefined;
  #dropped = 0;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Given up because nothing could be written for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  add(statement: SqlStatement): void {
    if (this.#waiting.length < MOST) this.#waiting.push(statement);
    else this.#dropped += 1;
  }

  /** Rejects with `StorageError`; what could not be written is tried again by the next call. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const part = this.#waiting.slice(0, AT_ONCE);
      await this.#tables.write(part);
      this.#waiting = this.#waiting.slice(part.length);
    }
  }
}
