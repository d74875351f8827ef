import { createStore } from "../../core/store.ts";
import { GadgetOfflineError } from "./port.ts";
import type { GadgetHost, GadgetState, UsbGadget } from "./port.ts";

/** A gadget that there cannot be, with the reason. */
export function createAbsentGadget(reason: string): UsbGadget {
  const refuse = (): Promise<never> => Promise.reject(new GadgetOfflineError(reason));
  return {
    state: createStore<GadgetState>({
      phase: "absent",
      reason,
      configured: false,
      drive: undefined,
      hid: [],
      discLimits: undefined,
    }),
    run: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    insert: refuse,
    eject: refuse,
    openNode: refuse,
  };
}

export function createAbsentGadgetHost(reason: string): GadgetHost {
  return { open: () => createAbsentGadget(reason) };
}
