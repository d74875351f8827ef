import { AppError } from "../../core/errors.ts";

/** The server does not know the token, or not the auto-discovery key. */
export class KomariRefusedError extends AppError {
  static readonly code = "KOMARI_REFUSED";
  constructor(message: string, options?: ErrorOptions) {
    super("unauthenticated", KomariRefusedError.code, message, options);
  }
}

/** The server answers, but not as a Komari server of the protocol version in use does. */
export class KomariProtocolError extends AppError {
  static readonly code = "KOMARI_PROTOCOL";
  /** HTTP status, or 0. */
  readonly status: number;
  constructor(message: string, status: number, options?: ErrorOptions) {
    super("unavailable", KomariProtocolError.code, message, options);
    this.status = status;
  }
}
