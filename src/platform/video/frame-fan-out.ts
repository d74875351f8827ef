import { createStore } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { VideoFrame } from "./port.ts";

/** Passes pictures on to any number of listeners, without a copy. */
export class FrameFanOut {
  readonly #listeners = new Set<(frame: VideoFrame) => void>();
  readonly #watched = createStore(false);

  /** Whether anybody listens. */
  get watched(): Store<boolean> {
    return this.#watched;
  }

  watch(listener: (frame: VideoFrame) => void): Unsubscribe {
    // An entry of its own for each call, should a listener be given twice.
    const entry = (frame: VideoFrame): void => listener(frame);
    this.#listeners.add(entry);
    this.#watched.set(true);
    return () => {
      if (this.#listeners.delete(entry)) this.#watched.set(this.#listeners.size > 0);
    };
  }

  emit(frame: VideoFrame): void {
    for (const listener of this.#listeners) listener(frame);
  }
}
