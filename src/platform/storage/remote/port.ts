import { AppError } from "../../../core/errors.ts";

/** The other server could not be reached, or did not answer in time. */
export class RemoteConnectError extends AppError {
  static readonly code = "REMOTE_CONNECT";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", RemoteConnectError.code, message, options);
  }
}

/** The address is one that this machine must not be made to call. */
export class RemoteAddressError extends AppError {
  static readonly code = "REMOTE_ADDRESS";
  constructor(message: string, options?: ErrorOptions) {
    super("forbidden", RemoteAddressError.code, message, options);
  }
}

/** The other server answered, but not with the file. */
export class RemoteResponseError extends AppError {
  static readonly code = "REMOTE_RESPONSE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", RemoteResponseError.code, message, options);
  }
}

/** The file cannot be taken as it is offered: its size is not announced, or it broke off. */
export class RemoteFileError extends AppError {
  static readonly code = "REMOTE_FILE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", RemoteFileError.code, message, options);
  }
}

/** A file that is about to come; its owner must close it. */
export interface RemoteFile {
  /** As the server calls it, else the last part of the address. Not checked in any way. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes` bytes, or a rejection with `RemoteFileError`. A slow reader slows the server down. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): void;
}

export interface RemoteOptions {
  /** Also addresses of this machine and of local networks. */
  readonly allowPrivate: boolean;
  /** Any certificate will do. */
  readonly insecure: boolean;
  /** For finding, connecting and the answer's head; and for every silence after that. */
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  readonly signal: AbortSignal;
}

/** Files on web servers. */
export interface RemoteFiles {
  /**
   * Asks for an http or https address. Every host on the way, also after redirects, is looked up once, checked against
   * the policy, and connected to by the address that was checked. Rejects with the errors above or `CancelledError`.
   */
  open(url: string, options: RemoteOptions): Promise<RemoteFile>;
}
