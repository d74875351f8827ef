import { randomInt } from "node:crypto";
import { StorageError } from "../../core/errors.ts";
import type { AuthConfig } from "../../config/schema.ts";

/** The account made at first start. */
export interface Owner {
  readonly user: string;
  /** Told to the operator once; nowhere else. */
  readonly password: string;
  /** False when the configuration brought the password. */
  readonly generated: boolean;
  /** False when the account could not be written and lives in memory only. */
  readonly isStored: boolean;
  /** Why it could not be written. */
  readonly reason?: StorageError;
}

/** Without characters that people confuse (0 o, 1 i l, 5 s, u v). */
const ALPHABET = "234679abcdefghjkmnpqrtwxyz";
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** Sixteen random characters in groups of four: 75 bits, easy to read aloud and to type. */
export function readablePassword(): string {
  const group = (): string =>
    Array.from({ length: GROUP_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(
      "",
    );
  return Array.from({ length: GROUPS }, group).join("-");
}

export interface OwnerOptions {
  readonly config: AuthConfig;
  /** Stores the account; may reject with `StorageError`. */
  readonly add: (user: string, password: string) => Promise<void>;
}

/** Makes the owner's account with the configured password, or a random one. Rejects with `ValidationError` for a bad name or password. */
export async function createOwner({ config, add }: OwnerOptions): Promise<Owner> {
  const configured = config.initialPassword;
  const generated = configured === "";
  const owner = {
    user: config.initialUser.trim(),
    password: generated ? readablePassword() : configured,
    generated,
  };
  try {
    await add(owner.user, owner.password);
    return { ...owner, isStored: true };
  } catch (error) {
    if (error instanceof StorageError) return { ...owner, isStored: false, reason: error };
    throw error;
  }
}
