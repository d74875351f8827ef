import type { FastifyInstance, RouteOptions } from "fastify";
import type { Config } from "./config/schema.ts";
import type { Logger } from "./core/log.ts";
import { createAccounts } from "./http/auth/accounts.ts";
import { createAuth } from "./http/auth/auth.ts";
import { authGuard } from "./http/auth/guard.ts";
import type { Owner } from "./http/auth/owner.ts";
import { healthRoutes } from "./http/health.ts";
import { listen } from "./http/listen.ts";
import type { ListeningAt } from "./http/listen.ts";
import { createHttpServer } from "./http/server.ts";
import { tlsMaterialFor } from "./http/tls-material.ts";
import { webSockets } from "./http/websocket.ts";
import type { Platform } from "./platform/platform.ts";
import { mountRole } from "./roles/mount.ts";
import type { Role } from "./roles/role.ts";

export interface AppOptions {
  /** With the board's values filled in. */
  readonly config: Config;
  readonly platform: Platform;
  readonly log: Logger;
  readonly version?: string;
  /** Told of every route while the app is built. */
  readonly onRoute?: (route: RouteOptions) => void;
}

export interface Listening extends ListeningAt {
  /** The account made at this start, with the one chance to tell its password. */
  readonly owner: Owner | undefined;
}

/** The whole program without its process: the HTTP server and the configured roles. */
export interface App {
  readonly server: FastifyInstance;
  readonly roles: readonly Role[];
  /** Listens, then starts the roles. */
  listen(): Promise<Listening>;
  /** Says goodbye to clients, then releases everything. Idempotent. */
  close(): Promise<void>;
}

/** Builds everything and starts nothing. The platform stays the caller's, to close after the app. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, platform, log, version = "0.0.0", onRoute } = options;
  const { files, clock, host } = platform;
  const { dataDir, http } = config;
  const authLog = log.child({ sub: "auth" });
  const names = { hostName: host.hostName(), addresses: host.addresses() };
  const tls = await tlsMaterialFor({ config, files, clock, log, ...names });
  const accounts = createAccounts({ config: config.auth, dataDir, files, clock, log: authLog });
  const auth = createAuth({ config: config.auth, dataDir, accounts, files, clock, log: authLog });

  const server = createHttpServer({ config: http, log: log.child({ sub: "http" }), tls, clock });
  if (onRoute !== undefined) server.addHook("onRoute", onRoute);
  await server.register(webSockets, { config: http, auth, clock, log });
  await server.register(authGuard, { auth, config: http });
  const roles: Role[] = [];
  for (const name of config.roles) {
    roles.push(await mountRole(name, { server, config, platform, auth, log, version }));
  }
  let isReady = false;
  const subsystems = () =>
    Object.fromEntries(roles.flatMap((role) => Object.entries(role.health())));
  healthRoutes(server, {
    report: () => ({ ready: isReady, roles: config.roles, subsystems: subsystems() }),
  });
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    isReady = false;
    await server.close();
    auth.close();
    await Promise.all(roles.map((role) => role.close()));
  };
  return {
    server,
    roles,
    async listen() {
      const owner = await accounts.ensureOwner();
      const at = await listen(server, http);
      await Promise.all(roles.map((role) => role.start()));
      isReady = true;
      return { ...at, owner };
    },
    close: () => (closing ??= shutDown()),
  };
}
