/** What a scenario may do besides using the machine. */
export interface Lab {
  /** Notes what was seen; throws when it is not so, which ends the scenario. */
  check(what: string, isSo: boolean, detail?: unknown): void;
  /** A figure for the table: never decides anything. */
  measure(what: string, value: number, unit: string): void;
}

/**
 * How the daemon is configured. `gadget`: input and disks by the USB port, lines by sysfs. `chip`: input
 * by the CH9329 at the UART, lines by the character device.
 */
export type Setup = "gadget" | "chip";

/** One story on the machine, run as root beside the installed daemon. Scenarios run one after the other. */
export interface Scenario {
  /** The file's name, by which it can be asked for. */
  readonly name: string;
  run(lab: Lab): Promise<void>;
}

/** One line of results.ndjson, written as soon as the scenario is over. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  readonly checks: readonly string[];
  readonly figures: readonly string[];
  /** Undefined when all went well. */
  readonly failure?: string;
}
