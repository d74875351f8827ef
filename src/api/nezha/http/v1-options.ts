import type { Config } from "../../../config/schema.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Logger } from "../../../core/log.ts";
import type { Accounts } from "../../../http/auth/accounts.ts";
import type { Auth } from "../../../http/auth/auth.ts";
import type { Hub } from "../../../hub/hub.ts";

/** What the routes of v1 and later are given. */
export interface V1Options {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}
