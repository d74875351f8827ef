import { isAborted } from "../../core/abort.ts";
import { until } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";

/**
 * Follows a wish until aborted: `run` is called when the wish is there, and its signal aborts when the wish goes. `run`
 * returns when its signal aborts. Rejects with `CancelledError` in the end.
 */
export async function whileWanted(
  wanted: Store<boolean>,
  signal: AbortSignal,
  run: (session: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!isAborted(signal)) {
    await until(wanted, (isWanted) => isWanted, signal);
    const session = new AbortController();
    const stop = wanted.subscribe((isWanted) => {
      if (!isWanted) session.abort();
    });
    try {
      await run(AbortSignal.any([signal, session.signal]));
    } finally {
      stop();
    }
  }
}

/** Runs again, at once, whenever `generation` changes; returns when aborted. */
export async function forEachGeneration(
  generation: Store<number>,
  signal: AbortSignal,
  run: (session: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!isAborted(signal)) {
    const session = new AbortController();
    const stop = generation.subscribe(() => session.abort());
    try {
      await run(AbortSignal.any([signal, session.signal]));
    } finally {
      stop();
    }
  }
}
