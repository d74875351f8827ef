import { GpioLineError } from "./port.ts";
import type { GpioBank } from "./port.ts";

/** No lines at all: every request is refused with the reason. */
export function createNoGpioBank(reason: string): GpioBank {
  const refuse = (): Promise<never> => Promise.reject(new GpioLineError(reason));
  return {
    kind: "none",
    chips: () => Promise.resolve([]),
    output: refuse,
    input: refuse,
    close: () => Promise.resolve(),
  };
}
