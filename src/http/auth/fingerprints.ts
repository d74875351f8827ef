import type { Clock } from "../../core/clock.ts";
import type { FileStore } from "../../platform/files/port.ts";

/** How old the answer of `isStale` may be: the price of a request is then one clock reading, not three `stat` calls. */
const CHECK_EVERY_MS = 100;

type Marks = readonly (string | undefined)[];

/** Notices that any of a few files has changed since it was read. */
export class Fingerprints {
  readonly #files: FileStore;
  readonly #clock: Clock;
  readonly #paths: readonly string[];
  #known: Marks | undefined;
  #nextCheckAt = Number.NEGATIVE_INFINITY;

  constructor(files: FileStore, clock: Clock, ...paths: string[]) {
    this.#files = files;
    this.#clock = clock;
    this.#paths = paths;
  }

  /** The present state; take it before reading and hand it to `accept` afterwards. */
  capture(): Marks {
    return this.#paths.map((path) => this.#files.fingerprint(path));
  }

  accept(marks: Marks): void {
    this.#known = marks;
  }

  /** Looks at the disk at most every 100 ms; true until the new state is accepted. */
  isStale(): boolean {
    const now = this.#clock.monotonic();
    if (now < this.#nextCheckAt) return false;
    if (this.isStaleNow()) return true;
    this.#nextCheckAt = now + CHECK_EVERY_MS;
    return false;
  }

  isStaleNow(): boolean {
    const known = this.#known;
    if (known === undefined) return true;
    return this.#paths.some((path, index) => this.#files.fingerprint(path) !== known[index]);
  }

  /** Says "not stale" for a while: reading has failed and would fail again at once. */
  rest(ms: number): void {
    this.#nextCheckAt = this.#clock.monotonic() + ms;
  }
}
