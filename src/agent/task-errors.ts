import { AppError } from "../core/errors.ts";

/** The device's own configuration does not allow what a server asks for. */
export class ControlDeniedError extends AppError {
  static readonly code = "CONTROL_DENIED";
  constructor(what: string, options?: ErrorOptions) {
    super(
      "forbidden",
      ControlDeniedError.code,
      `${what} is not enabled in the configuration of this device`,
      options,
    );
  }
}

/** `agent.probes` is off, or the target is none that may be probed. */
export class ProbeDeniedError extends AppError {
  static readonly code = "PROBE_DENIED";
  constructor(message = "Probes are switched off on this device", options?: ErrorOptions) {
    super("forbidden", ProbeDeniedError.code, message, options);
  }
}

/** The target did not answer as it should; the message says how. */
export class ProbeFailedError extends AppError {
  static readonly code = "PROBE_FAILED";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", ProbeFailedError.code, message, options);
  }
}

/** As many tasks of servers run already as this device allows. */
export class TooManyTasksError extends AppError {
  static readonly code = "TOO_MANY_TASKS";
  constructor(message = "Too many tasks are running", options?: ErrorOptions) {
    super("busy", TooManyTasksError.code, message, options);
  }
}
