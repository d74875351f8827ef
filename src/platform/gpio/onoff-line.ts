import { howToRestore, MissingPartError } from "../../core/errors.ts";

/** One exported line as the `onoff` package offers it. Levels are physical: polarity is the bank's business. */
export interface SysfsLine {
  readSync(): 0 | 1;
  writeSync(level: 0 | 1): void;
  /** Reports the level after each edge. */
  watch(listener: (error: Error | null | undefined, level: 0 | 1) => void): void;
  /** Stops watching and gives the line back to the kernel. */
  unexport(): void;
}

/** Opens an exported line. `high` and `low` are outputs that take this level together with the direction. */
export type OpenSysfsLine = (
  number: number,
  direction: "in" | "high" | "low",
  edge: "both" | undefined,
) => SysfsLine;

/** Loads `onoff`, which always works on `/sys/class/gpio`. Rejects with `MissingPartError` where its addon is not built. */
export async function loadOnoff(): Promise<OpenSysfsLine> {
  try {
    const { Gpio } = await import("onoff");
    return (number, direction, edge) => new Gpio(number, direction, edge, { activeLow: false });
  } catch (error) {
    throw new MissingPartError(
      `GPIO through /sys/class/gpio needs the packages 'onoff' and 'epoll': ${howToRestore("onoff")}`,
      { cause: error },
    );
  }
}
