import { AppError } from "../../core/errors.ts";

/** No credential was offered, or one that cannot be read (PiKVM API 3.1). */
export class UnauthorizedError extends AppError {
  static readonly code = "UNAUTHORIZED";
  constructor(message = "Unauthorized", options?: ErrorOptions) {
    super("unauthenticated", UnauthorizedError.code, message, options);
  }
}

/** A credential was offered and refused, or its owner may not do this. */
export class ForbiddenError extends AppError {
  static readonly code = "FORBIDDEN";
  constructor(message = "Forbidden", options?: ErrorOptions) {
    super("forbidden", ForbiddenError.code, message, options);
  }
}

/** An account of that name is there already. */
export class AccountExistsError extends AppError {
  static readonly code = "ACCOUNT_EXISTS";
  constructor(user: string) {
    super("conflict", AccountExistsError.code, `The user '${user}' already exists`);
  }
}

/** There is no account of that name. */
export class AccountNotFoundError extends AppError {
  static readonly code = "ACCOUNT_NOT_FOUND";
  constructor(user: string) {
    super("notFound", AccountNotFoundError.code, `The user '${user}' does not exist`);
  }
}

/** Too many password checks wait already; nothing was checked. */
export class AuthOverloadedError extends AppError {
  static readonly code = "AUTH_OVERLOADED";
  constructor() {
    super("unavailable", AuthOverloadedError.code, "Too many sign-ins at once, try again");
  }
}
