import { AppError } from "../../core/errors.ts";

/** The terminal is switched off in the configuration. */
export class TerminalDisabledError extends AppError {
  static readonly code = "TERMINAL_DISABLED";
  constructor(options?: ErrorOptions) {
    super(
      "unsupported",
      TerminalDisabledError.code,
      "The terminal is switched off; device.terminal.enabled switches it on",
      options,
    );
  }
}

/** As many terminals are open as may be at the same time. */
export class TerminalBusyError extends AppError {
  static readonly code = "TERMINAL_BUSY";
  constructor(limit: number, options?: ErrorOptions) {
    super(
      "busy",
      TerminalBusyError.code,
      `${limit} terminals are open already; close one, or raise device.terminal.maxSessions`,
      options,
    );
  }
}
