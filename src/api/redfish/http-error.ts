import { AppError } from "../../core/errors.ts";

/** A Redfish request names a system, a reset type or a body that is not one. */
export class HttpError extends AppError {
  // The class name on the wire is made from it, and PiKVM's is HttpError.
  static readonly code = "HTTP";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", HttpError.code, message, options);
  }
}
