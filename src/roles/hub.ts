import { komariApi } from "../api/komari/index.ts";
import { nezhaApi } from "../api/nezha/index.ts";
import { fleetApi } from "../api/fleet/index.ts";
import { signInApi } from "../api/kvmd/sign-in.ts";
import { createScope } from "../core/scope.ts";
import type { Scope } from "../core/scope.ts";
import type { Store } from "../core/store.ts";
import type { TlsMaterial } from "../http/node-server.ts";
import { ownTls } from "../http/tls-material.ts";
import { createOidc } from "../http/auth/oidc.ts";
import { doorPath } from "../http/local-door.ts";
import { createHub } from "../hub/create-hub.ts";
import type { Hub } from "../hub/hub.ts";
import { finishRestore } from "../hub/series/backup-file.ts";
import { holdDatabase } from "../hub/series/hold-database.ts";
import { hubPath } from "../hub/hub-path.ts";
import { openHubStorage } from "../hub/series/open-storage.ts";
import { recordSignIns } from "./sign-ins.ts";
import type { Role, RoleOptions } from "./role.ts";

export interface HubRole extends Role {
  readonly name: "hub";
  readonly hub: Hub;
}

interface OpenedHub {
  readonly hub: Hub;
  close(): Promise<void>;
}

async function openHub({ config, platform, log }: RoleOptions, path: string): Promise<Hub> {
  const { clock } = platform;
  const { storage, maxNodes, control } = config.hub;
  const { saveSeconds, ...retention } = storage;
  if (await finishRestore(path)) log.warn({ path }, "The hub's database was restored");
  const opened = await openHubStorage({ path, retention, clock, log });
  try {
    const messages = { outbound: platform.outbound, allow: config.hub.notify.allow };
    const limits = { maxNodes, saveSeconds, control };
    return await createHub({ storage: opened, clock, log, messages, ...limits });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Alone with its database, from before a backup takes its place until the last row is written. */
async function openAlone(options: RoleOptions): Promise<OpenedHub> {
  const path = hubPath(options.config.hub, options.config.dataDir);
  const release = await holdDatabase(path);
  try {
    const hub = await openHub(options, path);
    return { hub, close: () => hub.close().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

/** The certificate of the HTTP server; one of our own where that has none, followed in the scope. */
async function tlsForAgents(
  { config, platform, log, tls }: RoleOptions,
  scope: Scope,
): Promise<Store<TlsMaterial>> {
  if (tls !== undefined) return tls.material;
  const own = await ownTls({ dataDir: config.dataDir, ...platform, log });
  own.follow(scope);
  return own.material;
}

async function mountDialects(options: RoleOptions, opened: OpenedHub): Promise<HubRole> {
  const { hub } = opened;
  const { server, config, platform, auth, accounts, localDoor, crowds, log, version } = options;
  const signIns = recordSignIns(options, hub);
  const shared = { hub, auth, accounts, config, clock: platform.clock, log, version };
  const { files, host } = platform;
  const oidc = createOidc({ ...shared, config: config.auth.oidc, web: platform.web });
  await server.register(komariApi, { ...shared, oidc, files });
  const names = { files, hostName: host.hostName() };
  await server.register(fleetApi, { ...shared, ...names, crowds, prefix: "/native/fleet" });
  // A device has it already.
  if (!config.roles.includes("device")) {
    await server.register(signInApi, { prefix: "/api", auth, config: config.http });
  }
  const scope = createScope("hub", log);
  const agentTls = () => tlsForAgents(options, scope);
  const nezha = await nezhaApi(server, { ...shared, crowds, agentTls });
  return {
    name: "hub",
    hub,
    async start() {
      await Promise.all([localDoor.open(doorPath(config.dataDir)), nezha.start()]);
    },
    async close() {
      await nezha.close();
      await scope.close();
      await signIns.close();
      await opened.close();
    },
    health: () => {
      const { storage, nodes, online } = hub.state.value;
      return { hub: storage.status, nodes: `${online} of ${nodes} online` };
    },
  };
}

/** Opens the fleet's database and mounts the dialects of agents and viewers. */
export async function mountHub(roleOptions: RoleOptions): Promise<HubRole> {
  const options = { ...roleOptions, log: roleOptions.log.child({ sub: "hub" }) };
  const opened = await openAlone(options);
  try {
    return await mountDialects(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}
