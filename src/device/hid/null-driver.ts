import { createStore } from "../../core/store.ts";
import type { HidDriver, HidDriverState, MouseMode } from "./driver.ts";

export interface NullHidOptions {
  /** Why there is no chip, for people. */
  readonly reason: string;
  readonly mouseMode?: MouseMode;
}

/** The driver of a device without keyboard and mouse: always offline, with the reason; refuses every report. */
export function createNullDriver({ reason, mouseMode = "absolute" }: NullHidOptions): HidDriver {
  const state = createStore<HidDriverState>({
    online: false,
    hostReady: null,
    busy: false,
    leds: { num: false, caps: false, scroll: false },
    mouseMode,
    lastError: reason,
    description: null,
  });
  return {
    capabilities: {
      absolute: true,
      relative: true,
      leds: false,
      wheelHorizontal: false,
      consumer: false,
      keyboardOutputs: [],
      mouseOutputs: [],
    },
    state,
    run: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    submit: () => false,
    drained: () => Promise.resolve(),
    releaseAll: () => undefined,
    reset: () => Promise.resolve(),
    setMouseMode(mode) {
      state.set({ ...state.value, mouseMode: mode });
    },
  };
}
