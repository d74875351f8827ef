import type { SettingsKeeper } from "./config/settings.ts";
import type { Owner } from "./http/auth/owner.ts";
import { healthRoutes } from "./http/health.ts";
import { listen } from "./http/listen.ts";
import type { ListeningAt } from "./http/listen.ts";
import { createGuardedServer } from "./http/guarded-server.ts";
import type { GuardedServer, GuardedServerOptions } from "./http/guarded-server.ts";
import { webPages } from "./http/web-pages.ts";
import { mountNative } from "./roles/native.ts";
import { healthOf, mountRole, rolesOf } from "./roles/mount.ts";
import type { Role } from "./roles/role.ts";
import { refuseTakeOver, takeOver } from "./roles/take-over.ts";
import type { OtherSettings, TakenOver } from "./roles/take-over.ts";

export interface AppOptions extends GuardedServerOptions {
  readonly version?: string;
  /** Folder with the pages that the build made; undefined: there are none. */
  readonly webRoot?: string;
  readonly settings?: SettingsKeeper;
  /** Told of the account made at this start, which stays also when `listen` rejects: the one chance to tell its password. */
  readonly onOwner?: (owner: Owner) => void;
}

/** The whole program without its process: the HTTP server and the configured roles. */
export interface App extends GuardedServer {
  readonly roles: readonly Role[];
  /** Listens, then starts the roles. */
  listen(): Promise<ListeningAt>;
  /** Begins only the parts anew that other settings concern, while the program serves. Calls do not overlap. */
  takeOver(settings: OtherSettings): Promise<TakenOver>;
  /** Says goodbye to clients, then releases everything. Idempotent. */
  close(): Promise<void>;
}

/** Builds everything, starts nothing, and leaves nothing open when it rejects. The platform stays the caller's. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, platform, log, version = "0.0.0", webRoot, settings, onOwner } = options;
  const guarded = await createGuardedServer(options);
  const { server, accounts, auth } = guarded;
  await webPages(server, { root: webRoot, config, files: platform.files, version });
  const roles: Role[] = [];
  const shared = { ...guarded, config, platform, log, version, settings, peers: roles };
  try {
    for (const name of rolesOf(config)) roles.push(await mountRole(name, shared));
    await mountNative(shared);
  } catch (error) {
    await Promise.all(roles.map((role) => role.close()));
    auth.close();
    throw error;
  }
  let isReady = false;
  const report = () => ({ ready: isReady, roles: config.roles, subsystems: healthOf(roles) });
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
    takeOver: (given) => (isReady ? takeOver(roles, given) : refuseTakeOver(given)),
    close: () => (closing ??= shutDown()),
  };
}
