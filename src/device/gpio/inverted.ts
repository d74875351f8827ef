import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { DriverInput, DriverOutput } from "./driver.ts";

/** The opposite of a store, for as long as the returned function is not called. */
function negate(store: Store<boolean>): { store: Store<boolean>; stop: () => void } {
  const negated = createStore(!store.value);
  const stop = store.subscribe((level) => {
    negated.set(!level);
  });
  return { store: negated, stop };
}

/** Swaps the levels of an input whose driver knows no polarity. */
export function invertInput(input: DriverInput): DriverInput {
  const { store: level, stop } = negate(input.level);
  return {
    ...input,
    level,
    async close() {
      stop();
      await input.close();
    },
  };
}

/** Swaps the levels of an output whose driver knows no polarity. */
export function invertOutput(output: DriverOutput): DriverOutput {
  return {
    write: (active) => output.write(!active),
    read: async () => !(await output.read()),
    close: () => output.close(),
  };
}
