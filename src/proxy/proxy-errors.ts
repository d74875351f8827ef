/**
 * What can go wrong on behalf of a panel. Panels look for phrases in the texts to decide between waiting and starting
 * the core again (PasarGuard node 7.4 and section 10), so the texts here are part of the contract.
 */
import { AppError } from "../core/errors.ts";

/** There is no core, because no panel has asked for one: a Start is needed. */
export class ProxyNotStartedError extends AppError {
  static readonly code = "PROXY_NOT_STARTED";
  constructor() {
    super("unavailable", ProxyNotStartedError.code, "backend not initialized");
  }
}

/** The core is being started, or has ended and is about to be started again: wait. */
export class CoreDownError extends AppError {
  static readonly code = "PROXY_CORE_DOWN";
  constructor() {
    super("unavailable", CoreDownError.code, "core is not started yet");
  }
}

/** The core could not be started; the text says why, for the person in front of the panel. */
export class CoreStartError extends AppError {
  static readonly code = "PROXY_CORE_START";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", CoreStartError.code, message, options);
  }
}

/** The core refused or did not answer a call of its API. */
export class CoreCallError extends AppError {
  static readonly code = "PROXY_CORE_CALL";
  /** gRPC status of the core's answer. */
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super("unavailable", CoreCallError.code, message, options);
    this.status = status;
  }
}

/** The core has never seen a connection of this user. */
export class UserUnseenError extends AppError {
  static readonly code = "PROXY_USER_UNSEEN";
  constructor(message: string, options?: ErrorOptions) {
    super("notFound", UserUnseenError.code, message, options);
  }
}

/** Latencies cannot be read, or the panel's configuration measures none. */
export class LatencyError extends AppError {
  static readonly code = "PROXY_LATENCY";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", LatencyError.code, message, options);
  }
}

/** A request that lacks what it is about, such as the name of a user. */
export class IncompleteRequestError extends AppError {
  static readonly code = "PROXY_INCOMPLETE_REQUEST";
  constructor(message: string) {
    super("invalid", IncompleteRequestError.code, message);
  }
}

/** Users that the core did not take; the others are in effect. */
export class UserSyncError extends AppError {
  static readonly code = "PROXY_USER_SYNC";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", UserSyncError.code, message, options);
  }
}
