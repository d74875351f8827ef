import { AppError } from "../../core/errors.ts";

/** A call of another program's API that came back with a gRPC status other than OK, or did not come back. */
export class RpcError extends AppError {
  static readonly code = "RPC";
  /** gRPC status: 4 deadline exceeded, 5 not found, 12 unimplemented, 14 unavailable, ... */
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super("unavailable", RpcError.code, message, options);
    this.status = status;
  }
}

/** A connection that is made when it is needed, and again after it broke. */
export interface RpcClient {
  /**
   * One unary call: the bytes of a message for the bytes of another, up to 64 MiB. Calls may overlap.
   * Rejects with `RpcError`, after `timeoutMs` at the latest.
   */
  call(path: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

/** Programs of this machine that listen on 127.0.0.1, without encryption. */
export interface Loopback {
  /** Ports that nobody listens on at this moment, all different. */
  freePorts(count: number): Promise<readonly number[]>;
  /** A gRPC client; the library is loaded with the first one. */
  dial(port: number): Promise<RpcClient>;
  /** Body of a 200 answer to a GET. Rejects with `RpcError`, status 14, after `timeoutMs` at the latest. */
  fetchText(port: number, path: string, timeoutMs: number): Promise<string>;
}
