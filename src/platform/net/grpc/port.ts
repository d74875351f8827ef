import { AppError } from "../../../core/errors.ts";
import type { ErrorKind } from "../../../core/errors.ts";
import type { Unsubscribe } from "../../../core/store.ts";

/** The numbers of gRPC's status codes that callers treat differently. */
export const GRPC_STATUS = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const KINDS: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [GRPC_STATUS.cancelled, "cancelled"],
  [GRPC_STATUS.deadlineExceeded, "timeout"],
  [GRPC_STATUS.permissionDenied, "forbidden"],
  [GRPC_STATUS.resourceExhausted, "tooLarge"],
  [GRPC_STATUS.unimplemented, "unsupported"],
  [GRPC_STATUS.unauthenticated, "unauthenticated"],
]);

/** A call ended with another status than success. The message is what the other side said, shortened. */
export class GrpcStatusError extends AppError {
  static readonly code = "GRPC_STATUS";
  /** gRPC status number, see `GRPC_STATUS`. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(KINDS.get(status) ?? "unavailable", GrpcStatusError.code, message, options);
    this.status = status;
  }
}

export interface GrpcTarget {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `off`: HTTP/2 in clear text. `verified`: against this system's authorities. `unverified`: any certificate. */
  readonly tls: "off" | "verified" | "unverified";
  /**
   * Asks the other side for a sign of life this often and gives up when none comes within `keepaliveTimeoutMs`.
   * Servers punish clients that ask too often (grpc-go: more than once in five minutes). Default: never.
   */
  readonly keepaliveMs?: number;
  /** Default 20 s. */
  readonly keepaliveTimeoutMs?: number;
}

/** ASCII names in lower case and values, sent with a call. */
export type GrpcMetadata = Readonly<Record<string, string>>;

export interface GrpcUnaryOptions {
  readonly metadata: GrpcMetadata;
  /** The call ends with status `deadlineExceeded` after so long. */
  readonly timeoutMs: number;
}

/** One call with messages in both directions. Its owner must `cancel` it or wait for its end. */
export interface GrpcStream {
  /**
   * Resolves when the message was handed over, which takes as long as the other side is slow; rejects when the call
   * has ended. Messages keep their order.
   */
  send(message: Uint8Array): Promise<void>;
  /** No more messages from this side. */
  end(): void;
  /** Messages that arrive while nobody listens are lost. */
  onMessage(listener: (message: Uint8Array) => void): Unsubscribe;
  /** Once; at once when the call has ended already. Undefined: the other side ended it with success. */
  onClose(listener: (error: GrpcStatusError | undefined) => void): Unsubscribe;
  /** Ends the call from this side. Idempotent. */
  cancel(): void;
}

/** One connection. */
export interface GrpcChannel {
  /** Rejects with `GrpcStatusError`. */
  unary(path: string, message: Uint8Array, options: GrpcUnaryOptions): Promise<Uint8Array>;
  stream(path: string, metadata: GrpcMetadata): GrpcStream;
  /** Ends every call on it. Idempotent. */
  close(): void;
}

/** Outbound gRPC over HTTP/2. Messages are bytes: their meaning belongs to `protocol`. */
export interface GrpcDialer {
  /**
   * Connects within `timeoutMs`. Rejects with `NetworkError` or `CertificateError`, whose messages say why in plain
   * words, or with `CancelledError` when aborted. The owner must close the channel.
   */
  dial(
    target: GrpcTarget,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<GrpcChannel>;
}
