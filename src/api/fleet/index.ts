/** Our own API of the hub, for our own pages: what Komari and Nezha have no words for. Messages: `protocol/fleet`. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Accounts } from "../../http/auth/accounts.ts";
import type { Auth } from "../../http/auth/auth.ts";
import type { Crowds } from "../../http/crowds.ts";
import type { Hub } from "../../hub/hub.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { accountRoutes } from "./accounts.ts";
import { alertRoutes } from "./alerts.ts";
import { channelRoutes } from "./channels.ts";
import { controlRoutes } from "./control.ts";
import { historyRoutes } from "./history.ts";
import { Audiences, liveRoutes } from "./live.ts";
import { metricsRoutes } from "./metrics.ts";
import { nodeRoutes } from "./nodes.ts";
import { probeTaskRoutes } from "./probe-tasks.ts";
import { auditRecorder } from "./recorder.ts";
import { storageRoutes } from "./storage.ts";
import { terminalRoute } from "./terminal.ts";
import { installViewerRules } from "./viewer.ts";

export interface FleetApiOptions {
  readonly hub: Hub;
  readonly auth: Auth;
  readonly accounts: Accounts;
  readonly config: Config;
  readonly files: FileStore;
  readonly hostName: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly crowds: Pick<Crowds, "refused">;
}

/** Declares all routes below the prefix that it is registered with. */
export async function fleetApi(app: FastifyInstance, options: FleetApiOptions): Promise<void> {
  speakDialect(app, "fleet");
  const { hub, clock, auth, accounts, config, files, hostName, crowds, log } = options;
  const record = auditRecorder(hub.audit);
  const audiences = new Audiences(hub, clock);
  installViewerRules(app, hub);
  liveRoutes(app, { audiences });
  historyRoutes(app, { hub, clock });
  nodeRoutes(app, { hub, record, config, files, hostName });
  probeTaskRoutes(app, { hub, record });
  alertRoutes(app, { hub, record });
  channelRoutes(app, { hub, record });
  accountRoutes(app, { accounts, auth, record });
  controlRoutes(app, hub);
  terminalRoute(app, { hub, log });
  storageRoutes(app, { hub, record, clock, backupDir: `${config.dataDir}/hub` });
  metricsRoutes(app, { hub, audiences, crowds });
  app.addHook("onClose", (_app, done) => {
    audiences.close();
    done();
  });
  await Promise.resolve();
}
