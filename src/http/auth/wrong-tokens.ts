import { createHmac, randomBytes } from "node:crypto";

const MAX_KEPT = 1024;

/** Remembers tokens that were refused, to tell somebody who guesses from a program with an old one. Bounded. */
export class WrongTokens {
  readonly #key = randomBytes(32);
  readonly #known = new Set<string>();

  /** True at the first time, and again when many others have come since. */
  isNew(token: string): boolean {
    const mark = createHmac("sha256", this.#key).update(token).digest("base64");
    if (this.#known.has(mark)) return false;
    if (this.#known.size >= MAX_KEPT) {
      const [oldest] = this.#known;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.add(mark);
    return true;
  }
}
