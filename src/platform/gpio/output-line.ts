import type { Logger } from "../../core/log.ts";
import { describePin, toLineError } from "./line-errors.ts";
import { GpioLineError } from "./port.ts";
import type { OutputLine, OutputOptions, PinRef } from "./port.ts";

export interface OutputLineParts {
  readonly pin: PinRef;
  readonly options: OutputOptions;
  readonly log: Logger;
  /** Logical levels; failures are those of the operating system. Synchronous, so that writes keep their order. */
  readonly write: (active: boolean) => void;
  readonly read: () => boolean;
  /** Gives the line back. Called once. */
  readonly release: () => void;
}

/** The port's promises about an output, for any way to reach it. */
export function createOutputLine(parts: OutputLineParts): OutputLine {
  const { pin, options, log } = parts;
  let isClosed = false;
  const use = async <T>(action: () => T): Promise<T> => {
    if (isClosed) throw new GpioLineError(`GPIO ${describePin(pin)} is closed`);
    try {
      return await Promise.resolve(action());
    } catch (error) {
      throw toLineError(error, describePin(pin));
    }
  };
  return {
    write: (active) =>
      use(() => {
        parts.write(active);
      }),
    read: () => use(parts.read),
    close() {
      if (isClosed) return Promise.resolve();
      isClosed = true;
      try {
        if (options.keepLevelOnClose !== true) parts.write(false);
      } catch (error) {
        log.warn({ err: error, pin }, "GPIO line released without reaching its idle level");
      }
      parts.release();
      return Promise.resolve();
    },
  };
}
