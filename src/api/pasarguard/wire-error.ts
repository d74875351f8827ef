/** How failures look on both transports: numbers and plain text (PasarGuard node 1.3 to 1.7, 2.2, 3.6). */
import { AppError } from "../../core/errors.ts";
import { ChunksError } from "../../protocol/pasarguard/chunks.ts";
import { CoreCallError } from "../../proxy/proxy-errors.ts";
import { KeyError } from "./key-check.ts";
import type { KeyFault } from "./key-check.ts";

export interface WireError {
  readonly httpStatus: number;
  readonly grpcStatus: number;
  readonly text: string;
}

const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const INTERNAL = 13;
const UNAVAILABLE = 14;

const HTTP_OF_GRPC: Readonly<Record<number, number>> = {
  1: 499,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 412,
  10: 409,
  11: 400,
  12: 501,
  14: 503,
  16: 401,
};

const KEY_STATUS: Readonly<Record<KeyFault, readonly [http: number, grpc: number]>> = {
  missing: [401, 16],
  malformed: [422, INVALID_ARGUMENT],
  mismatch: [403, 7],
  throttled: [429, 8],
};

const BY_CODE: Readonly<Record<string, readonly [http: number, grpc: number]>> = {
  PROTOBUF: [400, INTERNAL],
  PROXY_TOO_LARGE: [413, 8],
  CANCELLED: [499, 1],
  [ChunksError.code]: [400, INVALID_ARGUMENT],
  PROXY_NOT_STARTED: [500, UNAVAILABLE],
  PROXY_CORE_DOWN: [503, UNAVAILABLE],
  PROXY_CORE_START: [503, UNKNOWN],
  // A configuration that is none: to the panel it is a start that failed.
  VALIDATION: [503, UNKNOWN],
  PROXY_USER_UNSEEN: [404, NOT_FOUND],
  PROXY_LATENCY: [502, UNKNOWN],
  PROXY_INCOMPLETE_REQUEST: [500, UNKNOWN],
  PROXY_USER_SYNC: [500, UNKNOWN],
};

function statusOf(error: AppError): readonly [http: number, grpc: number] {
  if (error instanceof KeyError) return KEY_STATUS[error.fault];
  if (error instanceof CoreCallError) return [HTTP_OF_GRPC[error.status] ?? 500, error.status];
  return BY_CODE[error.code] ?? [500, UNKNOWN];
}

/** Undefined for what nobody has expected: it is to be logged, and its text stays inside. */
export function wireErrorOf(error: unknown): WireError | undefined {
  if (!(error instanceof AppError)) return undefined;
  const [httpStatus, grpcStatus] = statusOf(error);
  return { httpStatus, grpcStatus, text: error.message };
}

export const UNEXPECTED: WireError = {
  httpStatus: 500,
  grpcStatus: INTERNAL,
  text: "internal error, see the log of the node",
};

/** A failure with another text and gRPC status, as some calls have them; HTTP keeps the plain one. */
export function regraded(error: unknown, grpcStatus: number, prefix: string): WireError {
  const wire = wireErrorOf(error) ?? UNEXPECTED;
  return { httpStatus: wire.httpStatus, grpcStatus, text: `${prefix}: ${wire.text}` };
}
