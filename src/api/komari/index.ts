/** The Komari contract: agents report here, viewers and the stock front end read here. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { Hub } from "../../hub/hub.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { komariAgentsApi } from "./agents/agent-api.ts";
import type { Oidc } from "../../http/auth/oidc.ts";
import { oauthApi } from "./oauth.ts";
import { viewerApi } from "./viewers.ts";

export interface KomariApiOptions {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  /** Undefined where no provider of sign-ins is configured. */
  readonly oidc: Oidc | undefined;
  readonly config: Config;
  readonly clock: Clock;
  readonly files: FileStore;
  readonly log: Logger;
  readonly version: string;
}

/** Declares all routes, at the paths that agents and front ends have built in. */
export async function komariApi(app: FastifyInstance, options: KomariApiOptions): Promise<void> {
  speakDialect(app, "komari");
  await app.register(komariAgentsApi, options);
  await app.register(oauthApi, options);
  await viewerApi(app, options);
}
