import type { Logger } from "../../core/log.ts";
import { demandOf } from "./first-password.ts";
import type { FirstPassword, FirstPasswordDemand } from "./first-password.ts";
import { parseEntries } from "./htpasswd.ts";
import { passwordFormatOf } from "./passwords.ts";
import { USER_ROLES } from "./principal.ts";
import type { UserRole } from "./principal.ts";

export interface StoredAccount {
  readonly user: string;
  readonly hash: string;
  /** What it may do now: only read while its first password has to be changed. */
  readonly role: UserRole;
  /** What it may do otherwise. */
  readonly grantedRole: UserRole;
  /** Set while it has the password of the first start. */
  readonly firstPassword: FirstPasswordDemand | undefined;
  /** Whether the hash is in a format that is checked at all. */
  readonly isUsable: boolean;
}

export type AccountList = Map<string, StoredAccount>;

export interface AccountTexts {
  /** Content of the password file. */
  readonly text: string;
  /** Content of the roles file. */
  readonly roles: string;
  readonly defaultRole: UserRole;
  readonly first: FirstPassword | undefined;
  readonly log: Logger;
}

const isRole = (word: string): word is UserRole => USER_ROLES.some((role) => role === word);

/** Builds the accounts; what cannot be used is logged. A role that is not one makes a viewer. */
export function readAccounts({ text, roles, defaultRole, first, log }: AccountTexts): AccountList {
  const roleOf = parseEntries(roles);
  const accounts: AccountList = new Map();
  for (const [user, hash] of parseEntries(text)) {
    const word = roleOf.get(user) ?? defaultRole;
    const grantedRole = isRole(word) ? word : "viewer";
    const firstPassword = demandOf(first, user, hash);
    const role = firstPassword === "change" ? "viewer" : grantedRole;
    if (!isRole(word)) log.warn({ user, role: word }, "Unknown role, account is a viewer");
    const isUsable = passwordFormatOf(hash) !== undefined;
    if (!isUsable)
      log.warn({ user }, "Password hash is in no known format, account cannot sign in");
    accounts.set(user, { user, hash, role, grantedRole, firstPassword, isUsable });
  }
  return accounts;
}

/** Users of `before` that are gone or have another password or role. */
export function changedUsers(before: AccountList, after: AccountList): string[] {
  const changed: string[] = [];
  for (const [user, { hash, role }] of before) {
    const now = after.get(user);
    if (now?.hash !== hash || now.role !== role) changed.push(user);
  }
  return changed;
}
