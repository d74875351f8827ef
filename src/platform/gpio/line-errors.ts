import { AppError, describeError, errnoOf } from "../../core/errors.ts";
import { GpioLineError } from "./port.ts";
import type { PinRef } from "./port.ts";

const MISSING = "it is not there (any more)";
const FORBIDDEN =
  "permission is missing: put the service's user into the group 'gpio' and give that group the GPIO devices";

const CURES: ReadonlyMap<string, string> = new Map([
  ["EBUSY", "a kernel driver or another program holds it: 'gpioinfo' names the holder"],
  ["EACCES", FORBIDDEN],
  ["EPERM", FORBIDDEN],
  [
    "EROFS",
    "the GPIO file system is read-only here: a container needs the devices mapped writable",
  ],
  ["EINVAL", "the kernel refuses this line for this use"],
  ["ENOTTY", "the kernel is too old for this GPIO interface (5.10 or newer is needed)"],
  ["ENOENT", MISSING],
  ["ENODEV", MISSING],
  ["ENXIO", MISSING],
]);

/** How a line is called in messages: `gpiochip0 line 23`. */
export function describePin(pin: PinRef): string {
  return `${pin.chip} line ${pin.line}`;
}

/** Turns a failure of the operating system into a `GpioLineError` that names the subject and, where known, the cure. */
export function toLineError(error: unknown, subject: string): AppError {
  if (error instanceof AppError) return error;
  const errno = errnoOf(error);
  const cure = errno === undefined ? undefined : CURES.get(errno);
  const reason = cure === undefined ? describeError(error) : `${cure} (${errno})`;
  return new GpioLineError(`GPIO ${subject} cannot be used: ${reason}`, { cause: error });
}
