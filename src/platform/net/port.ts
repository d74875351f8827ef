import { AppError } from "../../core/errors.ts";

/** A datagram did not leave this machine: no route, no such host, no permission. */
export class DatagramError extends AppError {
  static readonly code = "DATAGRAM";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", DatagramError.code, message, options);
  }
}

/** Outbound datagrams. */
export interface DatagramSender {
  /** Sends one UDP datagram; broadcast addresses are allowed. Rejects with `DatagramError`. */
  send(
    payload: Uint8Array,
    target: { readonly host: string; readonly port: number },
  ): Promise<void>;
}
