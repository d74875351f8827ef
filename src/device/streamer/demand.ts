import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";

export interface DemandOptions {
  readonly clock: Clock;
  /** Wanted always. */
  readonly forever: boolean;
  /** How long the wish outlives the last one who had it. */
  readonly lingerMs: number;
}

/**
 * Whether the picture is wanted: by somebody, or always. It begins at once and ends `lingerMs` after the last one who
 * needed it.
 */
export class Demand {
  readonly #options: DemandOptions;
  readonly #wanted;
  #needs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: DemandOptions) {
    this.#options = options;
    this.#wanted = createStore(options.forever);
  }

  get wanted(): Store<boolean> {
    return this.#wanted;
  }

  /** Somebody needs the picture until the returned function is called. */
  begin(): () => void {
    let isOver = false;
    this.#needs += 1;
    this.#derive();
    return () => {
      if (isOver) return;
      isOver = true;
      this.#needs -= 1;
      this.#derive();
    };
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #derive(): void {
    const { clock, forever, lingerMs } = this.#options;
    if (forever || this.#needs > 0) {
      this.close();
      this.#wanted.set(true);
      return;
    }
    if (!this.#wanted.value) return;
    this.#cancel ??= clock.setTimer(lingerMs, () => {
      this.#cancel = undefined;
      this.#wanted.set(false);
    });
  }
}
