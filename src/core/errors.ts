/** What a failure means to its caller; every dialect maps kinds to its own statuses. */
export type ErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "notFound"
  | "conflict"
  | "busy"
  | "tooLarge"
  | "rateLimited"
  | "unsupported"
  | "unavailable"
  | "timeout"
  | "cancelled"
  | "internal";

/** `LINK_CLOSED` -> `LinkClosedError`. */
function errorName(code: string): string {
  const words = code.split("_").map((word) => word.slice(0, 1) + word.slice(1).toLowerCase());
  return `${words.join("")}Error`;
}

/**
 * Base of all expected failures. Subclasses exist where some caller treats them differently;
 * `code` is a stable constant listed in `src/api/ERRORS.md`. Messages are for people and never parsed.
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;

  constructor(kind: ErrorKind, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    // From the code: a bundler may rename the classes.
    this.name = errorName(code);
    this.kind = kind;
    this.code = code;
  }
}

/** A value from outside does not satisfy its rule. */
export class ValidationError extends AppError {
  static readonly code = "VALIDATION";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", ValidationError.code, message, options);
  }
}

/** The caller went away or the owner is closing; never logged as an error. */
export class CancelledError extends AppError {
  static readonly code = "CANCELLED";
  constructor(message = "Cancelled", options?: ErrorOptions) {
    super("cancelled", CancelledError.code, message, options);
  }
}

/** A peer did not answer in time. */
export class ReplyTimeoutError extends AppError {
  static readonly code = "REPLY_TIMEOUT";
  constructor(message: string, options?: ErrorOptions) {
    super("timeout", ReplyTimeoutError.code, message, options);
  }
}

/** An optional part (native addon, program, kernel interface) is missing on this machine; the message names the cure. */
export class MissingPartError extends AppError {
  static readonly code = "MISSING_PART";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", MissingPartError.code, message, options);
  }
}

/** What brings a lost package of Node.js back, for people: an installed Farhand has all of them in its own package. */
export const howToRestore = (name: string): string =>
  `sudo apt install --reinstall farhand; where Farhand runs from its sources: npm install ${name}`;

/** The machine refused a file operation for good: full disk, read-only file system, missing permission. */
export class StorageError extends AppError {
  static readonly code = "STORAGE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", StorageError.code, message, options);
  }
}

/** Text of anything thrown, for people. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The errno name (`ENOENT`, ...) of an error of the operating system, if it is one. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
