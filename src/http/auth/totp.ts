/**
 * One-time codes appended to passwords (PiKVM API 3.5): one secret for all users, the last six characters, one step
 * of thirty seconds either way. Deliberately different from the original: a login (which hands out a session) accepts
 * no code of a step that the same user has logged in with before, so a code that was overheard opens no session.
 * Clients that send their code with every request keep working for as long as the code is valid.
 */
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { Fingerprints } from "./fingerprints.ts";

export const TOTP_DIGITS = 6;
const STEP_SECONDS = 30;
const RETRY_AFTER_MS = 1000;
/** Secrets of other programs may be as short as eighty bits. */
const MIN_SECRET_BYTES = 10;

const SECRET_PATTERN = /^[A-Z2-7]{16,128}=*$/;
const CODE_PATTERN = /^\d{6}$/;

type SecretState =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly secret: string }
  /** There is a file, but no usable secret: nobody gets in rather than everybody without a code. */
  | { readonly kind: "broken" };

/** Base32 as written by people: blanks and case do not matter. Undefined when it is not a usable secret. */
export function normalizeSecret(text: string): string | undefined {
  const secret = text.replaceAll(/[\s-]/g, "").toUpperCase();
  return SECRET_PATTERN.test(secret) ? secret.replaceAll("=", "") : undefined;
}

/** Cuts the code off a password. */
export function splitCode(text: string): { readonly password: string; readonly code: string } {
  return { password: text.slice(0, -TOTP_DIGITS), code: text.slice(-TOTP_DIGITS) };
}

/** The time step the code belongs to; undefined when it is wrong or too old. `nowMs` is wall-clock time. */
export async function verifyCode(
  secret: string,
  code: string,
  nowMs: number,
): Promise<number | undefined> {
  if (!CODE_PATTERN.test(code)) return undefined;
  const { createGuardrails, verifySync } = await import("otplib");
  const result = verifySync({
    secret,
    token: code,
    epoch: Math.floor(nowMs / 1000),
    period: STEP_SECONDS,
    epochTolerance: STEP_SECONDS,
    guardrails: createGuardrails({ MIN_SECRET_BYTES }),
  });
  return result.valid && "timeStep" in result ? result.timeStep : undefined;
}

function stateOf(text: string | undefined): SecretState {
  if (text === undefined || text.trim() === "") return { kind: "off" };
  const secret = normalizeSecret(text);
  return secret === undefined ? { kind: "broken" } : { kind: "on", secret };
}

/** The secret file of a running daemon, re-read when it changes. */
export class TotpFile {
  readonly #files: FileStore;
  readonly #path: string;
  readonly #log: Logger;
  readonly #prints: Fingerprints;
  readonly #lastStepOf = new Map<string, number>();
  #state: SecretState = { kind: "broken" };

  constructor(files: FileStore, path: string, clock: Clock, log: Logger) {
    this.#files = files;
    this.#path = path;
    this.#log = log;
    this.#prints = new Fingerprints(files, clock, path);
  }

  /** Cheap; see `Fingerprints`. */
  isStale(): boolean {
    return this.#prints.isStale();
  }

  /** True when codes are demanded now and were not before, or the other way round, or the secret is another one. */
  async refresh(): Promise<boolean> {
    if (!this.#prints.isStaleNow()) return false;
    const marks = this.#prints.capture();
    const before = this.#state;
    try {
      this.#state = stateOf(await this.#files.read(this.#path));
      this.#prints.accept(marks);
    } catch (error) {
      this.#state = { kind: "broken" };
      this.#prints.rest(RETRY_AFTER_MS);
      if (before.kind === "broken") return false;
      this.#log.error({ err: error }, "TOTP secret cannot be read, all sign-ins are refused");
      return true;
    }
    if (this.#state.kind === "broken") {
      const file = this.#path;
      this.#log.error({ file }, "TOTP secret is not base32, all sign-ins are refused");
    }
    return JSON.stringify(before) !== JSON.stringify(this.#state);
  }

  /** Whether passwords end with a code at present. */
  get isOn(): boolean {
    return this.#state.kind !== "off";
  }

  /** The time step of a valid code. */
  async stepOf(code: string, nowMs: number): Promise<number | undefined> {
    if (this.#state.kind !== "on") return undefined;
    try {
      return await verifyCode(this.#state.secret, code, nowMs);
    } catch (error) {
      this.#log.error({ reason: describeError(error) }, "TOTP secret cannot be used");
      return undefined;
    }
  }

  /** Marks the step as used by a login; false when this or a later one of the user was used already. */
  consume(user: string, step: number): boolean {
    const last = this.#lastStepOf.get(user);
    if (last !== undefined && step <= last) return false;
    this.#lastStepOf.set(user, step);
    return true;
  }
}
