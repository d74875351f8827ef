import type { FastifyInstance, RouteOptions } from "fastify";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../core/log.ts";
import { createScope } from "../core/scope.ts";
import type { Platform } from "../platform/platform.ts";
import { createAccounts } from "./auth/accounts.ts";
import type { Accounts } from "./auth/accounts.ts";
import { createAuth } from "./auth/auth.ts";
import type { Auth } from "./auth/auth.ts";
import type { Sessions } from "./auth/sessions.ts";
import { authGuard } from "./auth/guard.ts";
import { Crowds, watchCrowds } from "./crowds.ts";
import type { FollowedTls } from "./followed-tls.ts";
import { createLocalDoor } from "./local-door.ts";
import type { LocalDoor } from "./local-door.ts";
import { createHttpServer } from "./server.ts";
import { tlsMaterialFor } from "./tls-material.ts";
import { TrustedProxies } from "./trusted-proxies.ts";
import { webSockets } from "./websocket.ts";

export interface GuardedServerOptions {
  /** With the board's values filled in. */
  readonly config: Config;
  readonly platform: Platform;
  readonly log: Logger;
  /** Those of a predecessor in the same process. */
  readonly sessions?: Sessions | undefined;
  /** Only the local door is opened, if anything: no certificate is made or read. */
  readonly isLocalOnly?: boolean | undefined;
  /** Told of every route while the server is built. */
  readonly onRoute?: ((route: RouteOptions) => void) | undefined;
}

/** A server whose every route, of whatever transport, passes the one access check. */
export interface GuardedServer {
  readonly server: FastifyInstance;
  readonly accounts: Accounts;
  /** To be closed by the caller, after the server. */
  readonly auth: Auth;
  /** For commands of this program; closed until a role opens it. */
  readonly localDoor: LocalDoor;
  /** For all listeners of the process that strangers reach. */
  readonly crowds: Crowds;
  /** The server's certificate, followed while it listens; undefined without TLS. */
  readonly tls: FollowedTls | undefined;
}

/** For a board. */
const MAX_CONNECTIONS = 512;
/** When a hub comes back, its whole fleet knocks at once; agents that have proven who they are do not count. */
const MOST_KNOCKING = 2048;

function strangersLimit({ roles, hub }: Config): number {
  if (!roles.includes("hub")) return MAX_CONNECTIONS;
  return MAX_CONNECTIONS + Math.min(hub.maxNodes, MOST_KNOCKING);
}

function followWhileListening(server: FastifyInstance, tls: FollowedTls, log: Logger): void {
  const scope = createScope("certificate", log);
  server.addHook("onListen", (done) => {
    tls.follow(scope);
    done();
  });
  server.addHook("onClose", () => scope.close());
}

/** Server with certificate, accounts, WebSockets and guard; no routes yet, and nothing listens. */
export async function createGuardedServer(options: GuardedServerOptions): Promise<GuardedServer> {
  const { config, platform, log, sessions, isLocalOnly = false, onRoute } = options;
  const { files, clock, host } = platform;
  const { dataDir, http } = config;
  const httpLog = log.child({ sub: "http" });
  const material = { config: http.tls, dataDir, files, clock, log: httpLog, host };
  const tls = isLocalOnly ? undefined : await tlsMaterialFor(material);
  const authParts = { config: config.auth, dataDir, files, clock, log: log.child({ sub: "auth" }) };
  const accounts = createAccounts(authParts);
  const auth = createAuth({ ...authParts, accounts, sessions });
  const server = createHttpServer({
    config: http,
    log: httpLog,
    tls: tls?.material,
    clock,
    maxConnections: strangersLimit(config),
  });
  if (tls !== undefined) followWhileListening(server, tls, httpLog);
  if (onRoute !== undefined) server.addHook("onRoute", onRoute);
  await server.register(webSockets, { config: http, auth, clock, log });
  const localDoor = createLocalDoor(server, { files, clock, log });
  await server.register(authGuard, {
    auth,
    config: http,
    local: (request) => localDoor.admit(request),
  });
  const exempt = new TrustedProxies([...http.trustedProxies, "loopback"]);
  const crowds = new Crowds({
    most: http.connectionsPerAddress,
    isExempt: (address) => exempt.has(address),
    clock,
    log: httpLog,
  });
  watchCrowds(server, crowds);
  return { server, accounts, auth, localDoor, crowds, tls };
}
