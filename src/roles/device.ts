import { kvmdApi } from "../api/kvmd/index.ts";
import { kvmdWebPaths } from "../api/kvmd/web-paths.ts";
import { createScope } from "../core/scope.ts";
import { createDevice } from "../device/device.ts";
import type { Device } from "../device/device.ts";
import type { Role, RoleOptions } from "./role.ts";

export interface DeviceRole extends Role {
  readonly name: "device";
  readonly device: Device;
}

/** Builds the device and mounts the PiKVM API. */
export async function mountDevice(options: RoleOptions): Promise<DeviceRole> {
  const { server, config, platform, auth, log, version } = options;
  const scope = createScope("device", log);
  const device = createDevice({
    config: config.device,
    platform,
    log,
    version,
    dataDir: config.dataDir,
  });
  await server.register(kvmdApi, {
    prefix: "/api",
    device,
    auth,
    config,
    journal: platform.journal,
    process: platform.process,
    remoteFiles: platform.remoteFiles,
    clock: platform.clock,
    log: log.child({ sub: "kvmd-api" }),
  });
  await server.register(kvmdWebPaths, {
    device,
    clock: platform.clock,
    log: log.child({ sub: "kvmd-web" }),
  });
  return {
    name: "device",
    device,
    start: () => device.start(scope),
    close: () => scope.close(),
    health: () => ({
      hid: device.hid.state.value.online ? "online" : "offline",
      msd: device.msd.state.value.online ? "online" : "offline",
      atx: device.atx.state.value.enabled ? "enabled" : "disabled",
      simulated: platform.kind === "sim",
    }),
  };
}
