/** What the service manager and the shell tell a process besides its configuration. */
export interface ProcessSettings {
  /** Socket for readiness messages; undefined when not started by a service manager. */
  readonly notifySocket: string | undefined;
  /** Microseconds, as text. */
  readonly watchdogUsec: string | undefined;
  /** Device and inode of the stream to journald, `8:1234`; programs below one that has it inherit the text. */
  readonly journalStream: string | undefined;
}

/** systemd's part of the environment (sd_notify(3), systemd.exec(5)). */
export function processSettings(
  env: Readonly<Record<string, string | undefined>>,
): ProcessSettings {
  return {
    notifySocket: env["NOTIFY_SOCKET"],
    watchdogUsec: env["WATCHDOG_USEC"],
    journalStream: env["JOURNAL_STREAM"],
  };
}
