import { accountRoutes } from "../api/fleet/accounts.ts";
import { nativeApi } from "../api/native/index.ts";
import type { Recorder } from "../api/native/recorder.ts";
import { plainAddress } from "../http/address.ts";
import type { HubRole } from "./hub.ts";
import type { Role, RoleOptions } from "./role.ts";

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

/** Into the audit of the hub in this process; the log where there is none. */
function createRecorder({ peers, log }: RoleOptions): Recorder {
  return async ({ principal, ip }, { action, detail = "" }) => {
    const actor = { user: principal?.user ?? "", address: plainAddress(ip) };
    const hub = peers.find(isHubRole)?.hub;
    if (hub === undefined) log.info({ ...actor, action, detail }, "Administration");
    else await hub.audit.record({ actor, action, detail });
  };
}

/** What every machine offers to its own pages, whatever its roles are. */
export async function mountNative(options: RoleOptions): Promise<void> {
  const { server, config, platform, auth, accounts, certificate, settings } = options;
  const record = createRecorder(options);
  const shared = { auth, accounts, record };
  await server.register(
    async (scope) => {
      await nativeApi(scope, {
        ...shared,
        config,
        certificate,
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
