import { createAccounts } from "../../src/http/auth/accounts.ts";
import type { Accounts } from "../../src/http/auth/accounts.ts";
import type { UserRole } from "../../src/http/auth/principal.ts";
import { silentLogger } from "../../src/core/log.ts";
import type { TestApp } from "./create-test-app.ts";

function accountsOf({ config, platform }: TestApp): Accounts {
  const { files, clock } = platform;
  return createAccounts({
    config: config.auth,
    dataDir: config.dataDir,
    files,
    clock,
    log: silentLogger,
  });
}

/** Adds an account as `farhand passwd` does and returns its header credentials. */
export async function addAccount(
  test: TestApp,
  user: string,
  role: UserRole,
): Promise<Readonly<Record<string, string>>> {
  const password = `pass of ${user}`;
  await accountsOf(test).add(user, password, role);
  return { "X-KVMD-User": user, "X-KVMD-Passwd": password };
}

/** Removes an account as `farhand passwd` does; the app notices by itself. */
export function removeAccount(test: TestApp, user: string): Promise<void> {
  return accountsOf(test).del(user);
}
