import { AppError } from "../../core/errors.ts";

/** No EDID of that id is stored. */
export class SwitchUnknownEdidError extends AppError {
  static readonly code = "SWITCH_UNKNOWN_EDID";
  constructor(options?: ErrorOptions) {
    super("invalid", SwitchUnknownEdidError.code, "No specified EDID ID found", options);
  }
}

/** As many EDIDs are stored as may be. */
export class SwitchTooManyEdidsError extends AppError {
  static readonly code = "SWITCH_TOO_MANY_EDIDS";
  constructor(limit: number, options?: ErrorOptions) {
    super(
      "invalid",
      SwitchTooManyEdidsError.code,
      `${limit} EDIDs are stored already; remove one first`,
      options,
    );
  }
}
