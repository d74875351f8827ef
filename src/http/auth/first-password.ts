/**
 * Whether an account still has the password that was made at the first start, and whether that opens anything but
 * reading: on a board's image, whoever stood at its screen knows it.
 */
import { createHash } from "node:crypto";
import type { FileStore } from "../../platform/files/port.ts";

/** `remind`: the pages ask for another one. `change`: until there is another one, its owner may only read. */
export type FirstPasswordDemand = "remind" | "change";

/** What `first-password` in the data folder says: `user print [change]`. */
export interface FirstPassword {
  readonly user: string;
  /** Of the stored hash: the password itself is nowhere. */
  readonly print: string;
  readonly demand: FirstPasswordDemand;
}

const printOf = (hash: string): string => createHash("sha256").update(hash).digest("hex");

/** Undefined when the text says nothing. */
export function readFirstPassword(text: string): FirstPassword | undefined {
  const [user = "", print = "", demand] = text.trim().split(/\s+/);
  if (user === "" || print === "") return undefined;
  return { user, print, demand: demand === "change" ? demand : "remind" };
}

/** What the account still owes; undefined as soon as it has another password, however that was changed. */
export function demandOf(
  first: FirstPassword | undefined,
  user: string,
  hash: string,
): FirstPasswordDemand | undefined {
  return first?.user === user && first.print === printOf(hash) ? first.demand : undefined;
}

/** Remembers that the account has its first password now. Failing to costs a reminder, nothing else. */
export async function markFirstPassword(
  files: FileStore,
  path: string,
  { user, hash }: { readonly user: string; readonly hash: string },
): Promise<void> {
  try {
    await files.writeAtomic(path, `${user} ${printOf(hash)}\n`, { mode: 0o600 });
  } catch {
    // Where nothing can be written the account is not kept either.
  }
}
