/** What the service manager and the shell tell a process besides its configuration. */
export interface ProcessSettings {
  /** Socket for readiness messages; undefined when not started by a service manager. */
  readonly notifySocket: string | undefined;
  /** Microseconds, as text. */
  readonly watchdogUsec: string | undefined;
  /** Whether standard output goes to journald. */
  readonly isLoggedByJournald: boolean;
}

/** systemd's part of the environment (sd_notify(3), systemd.exec(5)). */
export function processSettings(
  env: Readonly<Record<string, string | undefined>>,
): ProcessSettings {
  return {
    notifySocket: env["NOTIFY_SOCKET"],
    watchdogUsec: env["WATCHDOG_USEC"],
    isLoggedByJournald: env["JOURNAL_STREAM"] !== undefined && env["JOURNAL_STREAM"] !== "",
  };
}
