import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Principal } from "./principal.ts";

interface Entry {
  readonly principal: Principal;
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
}

const MAX_ENTRIES = 1024;

/** What a request showed; texts as they came. */
export interface Shown {
  readonly via: Principal["via"];
  readonly user: string;
  readonly password: string;
  readonly address: string;
}

/**
 * Remembers successful password checks for a short time, because a real one costs a tenth of a second by design.
 * Keys are HMACs under a key that never leaves the process, so no password lies in memory. The address is part of the
 * key: somebody who guesses elsewhere learns nothing from an entry that the account's owner has caused.
 */
export class CheckCache {
  readonly #key = randomBytes(32);
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #lifeMs: number;

  /** `lifeSeconds` 0 switches remembering off. */
  constructor(lifeSeconds: number, clock: Clock) {
    this.#lifeMs = lifeSeconds * 1000;
    this.#clock = clock;
  }

  keyOf({ via, user, password, address }: Shown): string {
    // A name cannot contain a line feed in a header, and the password comes last: no two inputs share a text.
    const text = `${via}\n${address}\n${user}\n${password}`;
    return createHmac("sha256", this.#key).update(text).digest("base64");
  }

  get(key: string): Principal | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > this.#clock.monotonic()) return entry.principal;
    this.#entries.delete(key);
    return undefined;
  }

  put(key: string, principal: Principal): void {
    if (this.#lifeMs <= 0) return;
    this.#entries.delete(key);
    if (this.#entries.size >= MAX_ENTRIES) this.#dropOldest();
    this.#entries.set(key, { principal, expiresAt: this.#clock.monotonic() + this.#lifeMs });
  }

  dropUser(user: string): void {
    for (const [key, { principal }] of this.#entries) {
      if (principal.user === user) this.#entries.delete(key);
    }
  }

  clear(): void {
    this.#entries.clear();
  }

  #dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}
