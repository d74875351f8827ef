import { AppError } from "../../core/errors.ts";
import type { Unsubscribe } from "../../core/store.ts";

/** A send on a link that is closed, or that closed before the bytes were handed over. */
export class LinkClosedError extends AppError {
  static readonly code = "LINK_CLOSED";
  constructor(message = "The serial link is closed", options?: ErrorOptions) {
    super("unavailable", LinkClosedError.code, message, options);
  }
}

/** A port that cannot be opened: missing, busy, or not permitted; the message says which and what to do. */
export class PortOpenError extends AppError {
  static readonly code = "PORT_OPEN";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", PortOpenError.code, message, options);
  }
}

export interface SerialPortInfo {
  /** Device node, `/dev/ttyUSB0`. */
  readonly path: string;
  /** Stable name under `/dev/serial/by-id` or `by-path`, where there is one. */
  readonly stablePath?: string;
  /** USB ids as four lower-case hex digits. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly manufacturer?: string;
}

/** Sends bytes and reports bytes; nothing else. Single-use: after a close, open another. */
export interface ByteLink {
  readonly name: string;
  /** Resolves when the bytes are handed to the OS in one write. Rejects with `LinkClosedError` after close. Callers do not overlap sends. */
  send(bytes: Uint8Array): Promise<void>;
  /** Chunks are arbitrary: never assume a frame. The buffer belongs to the listener only during the call. */
  onReceive(listener: (bytes: Uint8Array) => void): Unsubscribe;
  /** Called once; the reason is undefined after an own `close()`, an error when the device vanished. */
  onClose(listener: (reason: Error | undefined) => void): Unsubscribe;
  /** Idempotent; resolves when the device is free for another open. */
  close(): Promise<void>;
}

export interface SerialBus {
  list(): Promise<readonly SerialPortInfo[]>;
  /** 8 data bits, no parity, 1 stop bit, no flow control, exclusive. Rejects with `PortOpenError`. */
  open(path: string, options: { readonly baudRate: number }): Promise<ByteLink>;
}
