import { AppError } from "../../core/errors.ts";

/** The line is still in use by an earlier press, or rests after it. */
export class AtxBusyError extends AppError {
  static readonly code = "ATX_BUSY";
  constructor(options?: ErrorOptions) {
    super(
      "busy",
      AtxBusyError.code,
      "Performing another ATX operation, please try again later",
      options,
    );
  }
}

/** ATX control is switched off in the configuration, or the board has no known pins. */
export class AtxDisabledError extends AppError {
  static readonly code = "ATX_DISABLED";
  constructor(options?: ErrorOptions) {
    super("unsupported", AtxDisabledError.code, "ATX is disabled", options);
  }
}

/** A line that the operation needs is not configured or cannot be used; the message says which and why. */
export class AtxLineUnavailableError extends AppError {
  static readonly code = "ATX_LINE_UNAVAILABLE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", AtxLineUnavailableError.code, message, options);
  }
}
