import type { Clock } from "../../core/clock.ts";
import { addressGroup } from "../address.ts";

export interface ThrottleOptions {
  /** Failures that are free of waiting. */
  readonly freeAttempts: number;
  readonly maxWaitSeconds: number;
}

interface FailureRecord {
  failures: number;
  /** Monotonic milliseconds. */
  blockedUntil: number;
  lastAt: number;
}

const MAX_RECORDS = 4096;
/** After this long without a further failure the earlier ones are forgotten. */
const MIN_MEMORY_MS = 15 * 60_000;

/** Failures by key; bounded, dropping what matters least. */
class FailureBook {
  readonly #records = new Map<string, FailureRecord>();
  readonly #options: ThrottleOptions;
  readonly #memoryMs: number;

  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#memoryMs = Math.max(MIN_MEMORY_MS, options.maxWaitSeconds * 2000);
  }

  get isEmpty(): boolean {
    return this.#records.size === 0;
  }

  waitMs(key: string, now: number): number {
    const record = this.#records.get(key);
    if (record === undefined) return 0;
    if (now - record.lastAt > this.#memoryMs) {
      this.#records.delete(key);
      return 0;
    }
    return Math.max(0, record.blockedUntil - now);
  }

  add(key: string, now: number): void {
    const { freeAttempts, maxWaitSeconds } = this.#options;
    this.waitMs(key, now);
    const record = this.#records.get(key) ?? { failures: 0, blockedUntil: 0, lastAt: now };
    record.failures += 1;
    record.lastAt = now;
    const excess = record.failures - freeAttempts;
    if (excess > 0) {
      const seconds = Math.min(2 ** Math.min(excess - 1, 30), maxWaitSeconds);
      record.blockedUntil = now + seconds * 1000;
    }
    if (!this.#records.has(key) && this.#records.size >= MAX_RECORDS) this.#dropLeast();
    this.#records.set(key, record);
  }

  forget(key: string): void {
    this.#records.delete(key);
  }

  /** Few failures first: a flood of invented names must not wash out the record of a real account. */
  #dropLeast(): void {
    let least: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [key, { failures }] of this.#records) {
      if (failures >= fewest) continue;
      fewest = failures;
      least = key;
    }
    if (least !== undefined) this.#records.delete(least);
  }
}

/**
 * Brake on password guessing, per account and per address, whatever the kind of credential. Waits double from one
 * second. An attempt during a wait is refused unseen and does not lengthen it.
 *
 * A pair of account and address that has succeeded before is known: only its address is braked, and its failures do
 * not count against the account. So strangers who try an account cannot lock its owner out of the usual place.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #accounts: FailureBook;
  readonly #addresses: FailureBook;
  readonly #known = new Set<string>();

  constructor(options: ThrottleOptions, clock: Clock) {
    this.#clock = clock;
    this.#accounts = new FailureBook(options);
    this.#addresses = new FailureBook(options);
  }

  /** Milliseconds that this address has to wait, 0 for none. */
  addressWaitMs(address: string): number {
    if (this.#addresses.isEmpty) return 0;
    return this.#addresses.waitMs(addressGroup(address), this.#clock.monotonic());
  }

  /** Milliseconds before a password of this account may be tried from this address, 0 for none. */
  waitMs(user: string, address: string): number {
    const group = addressGroup(address);
    const now = this.#clock.monotonic();
    const addressWait = this.#addresses.waitMs(group, now);
    if (this.#known.has(pairOf(user, group))) return addressWait;
    return Math.max(addressWait, this.#accounts.waitMs(user, now));
  }

  failed(user: string, address: string): void {
    const group = addressGroup(address);
    const now = this.#clock.monotonic();
    this.#addresses.add(group, now);
    if (!this.#known.has(pairOf(user, group))) this.#accounts.add(user, now);
  }

  /** A wrong credential that names no account. */
  failedNameless(address: string): void {
    this.#addresses.add(addressGroup(address), this.#clock.monotonic());
  }

  succeeded(user: string, address: string): void {
    const pair = pairOf(user, addressGroup(address));
    this.#accounts.forget(user);
    this.#known.delete(pair);
    this.#known.add(pair);
    if (this.#known.size <= MAX_RECORDS) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}

/** User names contain no blanks. */
function pairOf(user: string, group: string): string {
  return `${user} ${group}`;
}
