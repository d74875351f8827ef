/** The half of the dialect that people and their pages use: REST, RPC2 and the viewers' WebSocket. */
import type { FastifyInstance } from "fastify";
import { accountRoutes } from "./accounts.ts";
import { ADMIN_ROUTES } from "./admin-routes.ts";
import { terminalSocket } from "./terminal-socket.ts";
import { adminAccountCalls } from "./calls/admin-account-calls.ts";
import { adminAlertCalls } from "./calls/admin-alert-calls.ts";
import { adminNodeCalls } from "./calls/admin-node-calls.ts";
import { adminPingCalls } from "./calls/admin-ping-calls.ts";
import { adminSiteCalls } from "./calls/admin-site-calls.ts";
import { adminTaskCalls } from "./calls/admin-task-calls.ts";
import { refusedCalls } from "./calls/refused-calls.ts";
import { accountCalls } from "./calls/account-calls.ts";
import type { CallParts, CallTable } from "./calls/call.ts";
import { commonCalls } from "./calls/common-calls.ts";
import { IssuedTokens } from "./calls/issued-tokens.ts";
import { LiveFrames } from "./calls/live-frames.ts";
import { metricCalls } from "./calls/metric-calls.ts";
import { NodeTexts } from "./calls/node-texts.ts";
import { PingCache } from "./calls/ping-cache.ts";
import { publicCalls } from "./calls/public-calls.ts";
import { StatusFrames } from "./calls/status-frames.ts";
import { allowOrigins } from "./cors.ts";
import { clientsSocket } from "./clients-socket.ts";
import { createErrorHandler } from "./errors.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { ThemeShelf } from "./themes/theme-shelf.ts";
import { acceptTextBodies, restRoutes } from "./rest.ts";
import type { RestRoute } from "./rest.ts";
import { rpcRoutes } from "./rpc.ts";

const PUBLIC_ROUTES: readonly RestRoute[] = [
  { method: "GET", url: "/api/me", call: "public:getMe", form: "raw" },
  { method: "GET", url: "/api/nodes", call: "public:getNodesInformation" },
  { method: "GET", url: "/api/public", call: "public:getPublicSettings" },
  { method: "GET", url: "/api/version", call: "public:getVersion" },
  { method: "GET", url: "/api/recent/:uuid", call: "public:getClientRecentRecords" },
  { method: "GET", url: "/api/records/load", call: "public:getRecordsByUUID" },
  { method: "GET", url: "/api/records/ping", call: "public:getPingRecords" },
  { method: "GET", url: "/api/task/ping", call: "public:getPublicPingTasks" },
];

function callsOf(common: CallParts): CallTable {
  const { hub, clock, log } = common;
  const tokens = new IssuedTokens(hub.registry, clock);
  const parts = { ...common, tokens };
  const statuses = new StatusFrames(hub, new PingCache(hub, clock, log), clock);
  return {
    ...accountCalls(parts),
    ...publicCalls(parts, new NodeTexts()),
    ...commonCalls({ ...parts, statuses }),
    ...metricCalls(parts),
    ...adminNodeCalls(parts),
    ...adminPingCalls(parts),
    ...adminTaskCalls(parts),
    ...adminSiteCalls(parts),
    ...adminAccountCalls(parts),
    ...adminAlertCalls(parts),
    ...refusedCalls(),
  };
}

export interface ViewerOptions extends Omit<CallParts, "themes"> {
  readonly files: FileStore;
}

/** Declares the routes in a scope of its own. */
export async function viewerApi(app: FastifyInstance, options: ViewerOptions): Promise<void> {
  const { hub, clock, config, files, log } = options;
  const themes = new ThemeShelf({ config: config.hub, site: hub.site, files, log });
  await themes.open();
  const parts = { ...options, themes };
  const calls = callsOf(parts);
  await app.register((scope, _options, done) => {
    scope.setErrorHandler(createErrorHandler(log));
    acceptTextBodies(scope);
    allowOrigins(scope, config.http);
    accountRoutes(scope, parts);
    restRoutes(scope, [...PUBLIC_ROUTES, ...ADMIN_ROUTES], { calls, hub });
    rpcRoutes(scope, { calls, hub, log });
    terminalSocket(scope, parts);
    clientsSocket(scope, { hub, clock, frames: new LiveFrames(hub, clock) });
    done();
  });
  await themes.mount(app);
}
