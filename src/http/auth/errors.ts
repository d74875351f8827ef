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

/** The password of the first start opens nothing but reading, on this machine. */
export class FirstPasswordError extends AppError {
  static readonly code = "FIRST_PASSWORD";
  constructor(options?: ErrorOptions) {
    const text = "Choose another password first: until then this account may only look";
    super("forbidden", FirstPasswordError.code, text, options);
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

/** The password was right; the one-time code that has to come with it was not sent. */
export class CodeRequiredError extends AppError {
  static readonly code = "CODE_REQUIRED";
  constructor(message = "The one-time code is required", options?: ErrorOptions) {
    super("unauthenticated", CodeRequiredError.code, message, options);
  }
}

/** The password was right, the one-time code that came with it is not. */
export class CodeWrongError extends AppError {
  static readonly code = "CODE_WRONG";
  constructor(message = "The one-time code is wrong", options?: ErrorOptions) {
    super("forbidden", CodeWrongError.code, message, options);
  }
}

/** There is no such API token, or it is somebody else's. */
export class ApiTokenNotFoundError extends AppError {
  static readonly code = "API_TOKEN_NOT_FOUND";
  constructor(message = "There is no such API token", options?: ErrorOptions) {
    super("notFound", ApiTokenNotFoundError.code, message, options);
  }
}

/** The user has as many API tokens as are allowed. */
export class ApiTokensFullError extends AppError {
  static readonly code = "API_TOKENS_FULL";
  constructor(limit: number, options?: ErrorOptions) {
    super("conflict", ApiTokensFullError.code, `There are ${limit} API tokens already`, options);
  }
}
