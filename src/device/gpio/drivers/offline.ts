import { MissingPartError } from "../../../core/errors.ts";
import type { GpioDriver } from "../driver.ts";

/** Stands in for a driver that cannot work as configured: its channels are offline, with the reason. */
export function createOfflineDriver(reason: string): GpioDriver {
  const refuse = (): Promise<never> => Promise.reject(new MissingPartError(reason));
  return { openInput: refuse, openOutput: refuse };
}
