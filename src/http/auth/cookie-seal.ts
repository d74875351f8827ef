import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";

const ALGORITHM = "aes-256-gcm";
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
const MAX_LENGTH = 4096;

export type SealedTexts = Readonly<Record<string, string>>;

function parse(text: string): { at: number; texts: SealedTexts } | undefined {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return undefined;
  const parts: readonly unknown[] = value;
  const [at, ...pairs] = parts;
  if (typeof at !== "number") return undefined;
  const texts = pairs.filter((part) => typeof part === "string");
  const entries = texts.flatMap((name, index) =>
    index % 2 === 0 ? [[name, texts[index + 1] ?? ""] as const] : [],
  );
  return { at, texts: Object.fromEntries(entries) };
}

/**
 * Texts that a browser keeps for this process and can neither read nor change. The key lives and ends with the process;
 * a seal is good for a limited time. The same one can be opened more than once.
 */
export class CookieSeal {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #lifeMs: number;

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  seal(texts: SealedTexts): string {
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv);
    const plain = JSON.stringify([this.#clock.monotonic(), ...Object.entries(texts).flat()]);
    const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** Undefined for everything that was not sealed here, and for what is too old. */
  open(sealed: string): SealedTexts | undefined {
    if (sealed.length > MAX_LENGTH) return undefined;
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length <= IV_LENGTH + TAG_LENGTH) return undefined;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_LENGTH), {
        authTagLength: TAG_LENGTH,
      });
      decipher.setAuthTag(bytes.subarray(IV_LENGTH, IV_LENGTH + TAG_LENGTH));
      const body = bytes.subarray(IV_LENGTH + TAG_LENGTH);
      const plain = Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      const kept = parse(plain);
      if (kept === undefined || this.#clock.monotonic() - kept.at > this.#lifeMs) return undefined;
      return kept.texts;
    } catch {
      return undefined;
    }
  }
}
