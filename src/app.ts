import type { RouteOptions } from "fastify";
import type { Config } from "./config/schema.ts";
import type { Logger } from "./core/log.ts";
import type { Owner } from "./http/auth/owner.ts";
import { healthRoutes } from "./http/health.ts";
import { listen } from "./http/listen.ts";
import type { ListeningAt } from "./http/listen.ts";
import { createGuardedServer } from "./http/guarded-server.ts";
import type { GuardedServer } from "./http/guarded-server.ts";
import { webPages } from "./http/web-pages.ts";
import type { Platform } from "./platform/platform.ts";
import { mountRole, rolesOf } from "./roles/mount.ts";
import type { Role } from "./roles/role.ts";

export interface AppOptions {
  /** With the board's values filled in. */
  readonly config: Config;
  readonly platform: Platform;
  readonly log: Logger;
  readonly version?: string;
  /** Folder of the built pages; undefined: none are served. */
  readonly webRoot?: string;
  /**
   * Told of the account made at this start: the one chance to tell its password. Also before `listen` rejects, because the
   * account stays.
   */
  readonly onOwner?: (owner: Owner) => void;
  /** Told of every route while the app is built. */
  readonly onRoute?: (route: RouteOptions) => void;
}

/** The whole program without its process: the HTTP server and the configured roles. */
export interface App extends GuardedServer {
  readonly roles: readonly Role[];
  /** Listens, then starts the roles. */
  listen(): Promise<ListeningAt>;
  /** Says goodbye to clients, then releases everything. Idempotent. */
  close(): Promise<void>;
}

/** Builds everything and starts nothing. The platform stays the caller's, to close after the app. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, platform, log, version = "0.0.0", webRoot, onOwner, onRoute } = options;
  const guarded = await createGuardedServer({ config, platform, log, onRoute });
  const { server, accounts, auth } = guarded;
  await webPages(server, { root: webRoot, config, files: platform.files, version });
  const roles: Role[] = [];
  const shared = { ...guarded, config, platform, log, version, peers: roles };
  for (const name of rolesOf(config)) roles.push(await mountRole(name, shared));
  let isReady = false;
  const health = () => Object.fromEntries(roles.flatMap((role) => Object.entries(role.health())));
  const report = () => ({ ready: isReady, roles: config.roles, subsystems: health() });
  healthRoutes(server, { report });
  const shutDown = async (): Promise<void> => {
    isReady = false;
    await server.close();
    auth.close();
    await Promise.all(roles.map((role) => role.close()));
  };
  let closing: Promise<void> | undefined;
  return {
    ...guarded,
    roles,
    async listen() {
      // Without an account everything but public routes is refused, so both may go on at the same time.
      const [owned, bound] = await Promise.allSettled([
        accounts.ensureOwner(),
        listen(server, config.http),
      ]);
      if (owned.status === "rejected") throw owned.reason;
      if (owned.value !== undefined) onOwner?.(owned.value);
      if (bound.status === "rejected") throw bound.reason;
      await Promise.all(roles.map((role) => role.start()));
      isReady = true;
      return bound.value;
    },
    close: () => (closing ??= shutDown()),
  };
}
