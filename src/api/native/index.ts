/** Our own API for our own pages: settings, one's account, certificate. What the fleet has is in `api/fleet`. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Config } from "../../config/schema.ts";
import type { SettingsKeeper } from "../../config/settings.ts";
import type { Clock } from "../../core/clock.ts";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { FollowedTls } from "../../http/followed-tls.ts";
import { totpSecretPath } from "../../http/auth/paths.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { certificateRoutes } from "./certificate.ts";
import { codeRoutes } from "./code-routes.ts";
import { createOneTimeCodes } from "./one-time-codes.ts";
import { ownAccountRoutes } from "./own-account.ts";
import type { Recorder } from "../../http/auth/recorder.ts";
import { settingsRoutes } from "./settings.ts";

export interface NativeApiOptions {
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly hostName: string;
  readonly record: Recorder;
  /** The certificate in use; undefined without one. */
  readonly tls: FollowedTls | undefined;
  /** Undefined where nothing can be written and nothing begins anew: settings are not offered then. */
  readonly settings: SettingsKeeper | undefined;
}

/** Declares all routes below the prefix that it is registered with. */
export async function nativeApi(app: FastifyInstance, options: NativeApiOptions): Promise<void> {
  speakDialect(app, "native");
  const { auth, accounts, config, files, clock, hostName, record, tls, settings } = options;
  const path = totpSecretPath(config.auth, config.dataDir);
  const codes = createOneTimeCodes({ files, path, hostName, clock });
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.header("Cache-Control", "no-store");
    done();
  });
  ownAccountRoutes(app, { auth, accounts, codes, record });
  codeRoutes(app, { codes, record });
  certificateRoutes(app, { config, files, settings, record, tls, clock });
  if (settings !== undefined) settingsRoutes(app, { settings, record });
  await Promise.resolve();
}
