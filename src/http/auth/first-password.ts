/** Whether somebody still signs in with the password that was made at the first start. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileStore } from "../../platform/files/port.ts";
import type { StoredAccount } from "./account-list.ts";

const markPath = (dataDir: string): string => join(dataDir, "first-password");

/** Of the stored hash: the password itself is nowhere. */
const printOf = (hash: string): string => createHash("sha256").update(hash).digest("hex");

export interface FirstPasswordPlace {
  readonly files: FileStore;
  readonly dataDir: string;
}

/** Remembers that the account has its first password now. Failing to costs a reminder, nothing else. */
export async function markFirstPassword(
  { files, dataDir }: FirstPasswordPlace,
  user: string,
  hash: string,
): Promise<void> {
  try {
    await files.writeAtomic(markPath(dataDir), `${user} ${printOf(hash)}\n`, { mode: 0o600 });
  } catch {
    // Where nothing can be written the account is not kept either.
  }
}

/** False as soon as the account has another password, however it was changed. */
export async function hasFirstPassword(
  { files, dataDir }: FirstPasswordPlace,
  accounts: { find(user: string): StoredAccount | undefined },
): Promise<boolean> {
  const text = await files.read(markPath(dataDir)).catch(() => undefined);
  const [user = "", print] = text?.trim().split(" ") ?? [];
  const account = accounts.find(user);
  return account !== undefined && printOf(account.hash) === print;
}
