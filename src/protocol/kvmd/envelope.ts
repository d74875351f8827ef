/** The JSON wrapper of every PiKVM answer (PiKVM API 2.1) and its line form (2.5). */

export const JSON_TYPE = "application/json; charset=utf-8";
export const TEXT_TYPE = "text/plain; charset=utf-8";
export const NDJSON_TYPE = "application/x-ndjson";

export interface OkEnvelope<T> {
  readonly ok: true;
  readonly result: T;
}

/** `error` is a class name that clients key on; `error_msg` is for people. */
export interface FailEnvelope {
  readonly ok: false;
  readonly result: { readonly error: string; readonly error_msg: string };
}

export type Envelope<T> = OkEnvelope<T> | FailEnvelope;

/** Success; actions with nothing to say use the empty object. */
export function ok(): OkEnvelope<Record<string, never>>;
export function ok<T>(result: T): OkEnvelope<T>;
export function ok(result: unknown = {}): OkEnvelope<unknown> {
  return { ok: true, result };
}

/** Failure with PiKVM's class name. */
export function fail(error: string, message: string): FailEnvelope {
  return { ok: false, result: { error, error_msg: message } };
}

/** One record of an `application/x-ndjson` answer. */
export function ndjsonLine(envelope: Envelope<unknown>): string {
  return `${JSON.stringify(envelope)}\r\n`;
}
