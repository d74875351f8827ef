import { AppError } from "../../core/errors.ts";

/** A JSON body, task or frame of the other side without what its protocol promises. */
export class NezhaFormatError extends AppError {
  static readonly code = "NEZHA_FORMAT";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", NezhaFormatError.code, message, options);
  }
}
