import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { RateLimiter } from "../../http/auth/rate-limit.ts";
import { uuidDigits } from "../../protocol/pasarguard/api-key.ts";

/** What is wrong with the key of a request. */
export type KeyFault = "missing" | "malformed" | "mismatch" | "throttled";

const TEXTS: Readonly<Record<KeyFault, string>> = {
  missing: "missing x-api-key header",
  malformed: "invalid api key format: must be a valid UUID",
  mismatch: "api key mismatch",
  throttled: "too many wrong api keys from this address, try again later",
};

/** A request without the right key; the texts are those of the stock node. */
export class KeyError extends AppError {
  static readonly code = "PROXY_KEY";
  readonly fault: KeyFault;
  constructor(fault: KeyFault) {
    super("unauthenticated", KeyError.code, TEXTS[fault]);
    this.fault = fault;
  }
}

/** What a request offers. */
export interface OfferedKey {
  readonly apiKey: string | undefined;
  /** `Bearer <key>`, as documents of the panel have it; clients send the other one. */
  readonly authorization: string | undefined;
}

/** For those who offer wrong keys; a corrected panel does not wait at all. */
const THROTTLE = { freeAttempts: 5, maxWaitSeconds: 30 };
const BEARER = /^Bearer +(\S+) *$/i;

function textOf({ apiKey = "", authorization = "" }: OfferedKey): string {
  return apiKey === "" ? (BEARER.exec(authorization)?.[1] ?? "") : apiKey;
}

/**
 * Compares keys as 16 bytes in constant time, and makes addresses wait that offer wrong ones. The right key never waits:
 * somebody else behind the panel's address must not be able to keep it out. That makes guessing no easier, since 122 bits
 * are out of reach at any speed; the brake spares the log and the machine, and a wrong key learns nothing from it.
 */
export class KeyCheck {
  readonly #key: Buffer;
  readonly #limiter: RateLimiter;

  /** `key` must be a UUID. */
  constructor(key: string, clock: Clock) {
    this.#key = Buffer.from(uuidDigits(key) ?? "", "hex");
    this.#limiter = new RateLimiter(THROTTLE, clock);
  }

  /** Throws `KeyError`. */
  check(offered: OfferedKey, address: string): void {
    const text = textOf(offered);
    if (text === "") throw new KeyError("missing");
    const digits = uuidDigits(text);
    if (digits !== undefined && this.#isRight(Buffer.from(digits, "hex"))) return;
    if (this.#limiter.addressWaitMs(address) > 0) throw new KeyError("throttled");
    this.#limiter.failedNameless(address);
    throw new KeyError(digits === undefined ? "malformed" : "mismatch");
  }

  #isRight(key: Buffer): boolean {
    return key.length === this.#key.length && key.length > 0 && timingSafeEqual(key, this.#key);
  }
}
