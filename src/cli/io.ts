import type { Config } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { CliOutput } from "./output.ts";

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
/** EX_USAGE of sysexits: the command line cannot be understood. */
export const EXIT_USAGE = 64;

/** What the commands on accounts need of the process that runs them. */
export interface CliIo extends CliOutput {
  readonly config: Config;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hostName: string;
  /** All of standard input. */
  readStdin(): Promise<string>;
  /** One line from the terminal without echo. Rejects with `CancelledError` on Ctrl-C. */
  readSecret(prompt: string): Promise<string>;
}
