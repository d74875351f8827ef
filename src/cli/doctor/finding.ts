import type { Config } from "../../config/schema.ts";
import type { Inventory } from "../../platform/inventory/port.ts";
import type { Platform } from "../../platform/platform.ts";

/** ok: works. warn: works in part, or not needed by everybody. missing: a feature does not work. */
export type FindingLevel = "ok" | "warn" | "missing";

/** One thing that was looked at. */
export interface DoctorFinding {
  /** What was looked at: "board", "serial", ... */
  readonly check: string;
  readonly level: FindingLevel;
  readonly message: string;
  /** What to do about it; absent when all is well. */
  readonly cure?: string;
}

/** Says which chip answers on a serial port: "CH9329 V1.8 at 9600 baud on /dev/ttyUSB0"; undefined when none does. Rejects when the port cannot be opened. */
export type ProbeSerialPort = (path: string) => Promise<string | undefined>;

export interface DoctorContext {
  /** With the values of the board (`resolveBoard`). */
  readonly config: Config;
  readonly platform: Platform;
  readonly inventory: Inventory;
  readonly probe: ProbeSerialPort;
}

export type DoctorCheck = (context: DoctorContext) => Promise<readonly DoctorFinding[]>;

/** A finding that all is well. */
export const fine = (check: string, message: string): DoctorFinding => ({
  check,
  level: "ok",
  message,
});
