import { kvmdApi } from "../api/kvmd/index.ts";
import { streamRoutes } from "../api/kvmd/stream.ts";
import { StreamViewers } from "../api/kvmd/stream-viewers.ts";
import { kvmdWebPaths } from "../api/kvmd/web-paths.ts";
import { redfishApi } from "../api/redfish/index.ts";
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
  const { streamer } = device;
  const viewers = new StreamViewers({ streamer, clock: platform.clock });
  await server.register(kvmdApi, {
    prefix: "/api",
    device,
    auth,
    config,
    journal: platform.journal,
    viewers,
    process: platform.process,
    remoteFiles: platform.remoteFiles,
    clock: platform.clock,
    log: log.child({ sub: "kvmd-api" }),
  });
  const video = { streamer, viewers, clock: platform.clock };
  await server.register(streamRoutes, { prefix: "/streamer", ...video });
  for (const prefix of ["/redfish/v1", "/api/redfish/v1"]) {
    await server.register(redfishApi, { prefix, device });
  }
  await server.register(kvmdWebPaths, {
    device,
    config: config.device.web,
    files: platform.files,
    clock: platform.clock,
    log: log.child({ sub: "kvmd-web" }),
  });
  return {
    name: "device",
    device,
    start: () => device.start(scope),
    reconfigure: (next, parts) => device.reconfigure(next.device, parts),
    close: () => scope.close(),
    health: () => ({
      hid: device.hid.state.value.online ? "online" : "offline",
      msd: device.msd.state.value.online ? "online" : "offline",
      video: streamer.state.value.condition,
      atx: device.atx.state.value.enabled ? "enabled" : "disabled",
      simulated: platform.kind === "sim",
    }),
  };
}
