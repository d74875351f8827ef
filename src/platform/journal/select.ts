import type { Logger } from "../../core/log.ts";
import type { ProcessRunner } from "../process/port.ts";
import { createJournald } from "./journald.ts";
import type { Journal } from "./port.ts";

export interface SelectJournalOptions {
  readonly process: ProcessRunner;
  /** What is read where journald has nothing of this process. */
  readonly memory: Journal;
  /** Whether the output of this process goes to journald; see `isJournalStream`. */
  readonly isLoggedByJournald: boolean;
  readonly log: Logger;
}

/** journald when it holds this program's log and can be read, else the program's own memory. */
export async function selectJournal(options: SelectJournalOptions): Promise<Journal> {
  const { process, memory, isLoggedByJournald, log } = options;
  if (!isLoggedByJournald) return memory;
  const program = await process.which("journalctl");
  if (program === undefined) {
    log.info({}, "journalctl is missing: the log endpoint shows this run only");
    return memory;
  }
  return createJournald({ process, log });
}
