import type { Accounts } from "../http/auth/accounts.ts";
import type { Auth } from "../http/auth/auth.ts";
import type { Hub } from "../hub/hub.ts";
import { SignInLog } from "../hub/sign-in-log.ts";
import type { RoleOptions } from "./role.ts";

export interface SignInParts extends Pick<RoleOptions, "log"> {
  readonly auth: Pick<Auth, "subscribe">;
  readonly accounts: Pick<Accounts, "find" | "onChange">;
  readonly platform: Pick<RoleOptions["platform"], "clock">;
}

/** Writes sign-ins of all dialects of the process, and changes of accounts, into the hub's audit table. */
export function recordSignIns(
  { auth, accounts, platform, log }: SignInParts,
  { audit }: Pick<Hub, "audit">,
): { close(): Promise<void> } {
  const isAccount = (user: string): boolean => accounts.find(user) !== undefined;
  const book = new SignInLog({ audit, clock: platform.clock, log, isAccount });
  const stops = [
    auth.subscribe((event) => {
      switch (event.kind) {
        case "signedIn":
          book.signedIn(event.user, event.address, event.method);
          break;
        case "signedOut":
          book.signedOut(event.user);
          break;
        case "refused":
          book.refused(event.user, event.address);
          break;
      }
    }),
    accounts.onChange((users) => {
      book.accountsChanged(users);
    }),
  ];
  return {
    close() {
      for (const stop of stops) stop();
      return book.close();
    },
  };
}
