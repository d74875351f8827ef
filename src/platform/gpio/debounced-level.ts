import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";

export interface DebouncedLevel {
  readonly level: Store<boolean>;
  /** Takes a reading. It becomes the level when no other reading contradicts it for the debounce time. */
  observe(reading: boolean): void;
  /** The level freezes. */
  stop(): void;
}

/** Filters bounces and flicker out of readings; 0 ms passes everything on. */
export function createDebouncedLevel(
  clock: Clock,
  initial: boolean,
  debounceMs: number,
): DebouncedLevel {
  const level = createStore(initial);
  let latest = initial;
  let isStopped = false;
  let cancel = (): void => undefined;
  return {
    level,
    observe(reading) {
      if (isStopped || reading === latest) return;
      latest = reading;
      cancel();
      if (debounceMs <= 0) level.set(reading);
      else if (reading !== level.value) {
        cancel = clock.setTimer(debounceMs, () => {
          level.set(reading);
        });
      }
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
