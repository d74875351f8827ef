import { accountRoutes } from "../api/fleet/accounts.ts";
import { auditRecorder } from "../api/fleet/recorder.ts";
import { nativeApi } from "../api/native/index.ts";
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { actorOf } from "../http/auth/actor.ts";
import type { Recorder } from "../http/auth/recorder.ts";
import type { HubRole } from "./hub.ts";
import type { Role, RoleOptions } from "./role.ts";

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

/** The log of a machine without a hub as the record of what people do. */
function logRecorder(log: Logger): Recorder {
  return async (request, { action, detail = "" }, work) => {
    const line = { ...actorOf(request), action, detail };
    log.info(line, "Administration");
    try {
      return await work();
    } catch (error) {
      log.warn({ ...line, code: error instanceof AppError ? error.code : "INTERNAL" }, "Not done");
      throw error;
    }
  };
}

function recorderOf({ peers, log }: RoleOptions): Recorder {
  const hub = peers.find(isHubRole)?.hub;
  return hub === undefined ? logRecorder(log) : auditRecorder(hub.audit);
}

/** What every machine offers to its own pages, whatever its roles are. */
export async function mountNative(options: RoleOptions): Promise<void> {
  const { server, config, platform, auth, accounts, tls, settings } = options;
  const record = recorderOf(options);
  const shared = { auth, accounts, record };
  await server.register(
    async (scope) => {
      await nativeApi(scope, {
        ...shared,
        config,
        tls,
        settings,
        files: platform.files,
        clock: platform.clock,
        hostName: platform.host.hostName(),
      });
      accountRoutes(scope, shared);
    },
    { prefix: "/native" },
  );
}
