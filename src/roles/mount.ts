import type { RoleName } from "../config/schema.ts";
import type { Role, RoleOptions } from "./role.ts";

type Mount = (options: RoleOptions) => Promise<Role>;

const LOADERS: Readonly<Record<RoleName, () => Promise<Mount>>> = {
  device: async () => (await import("./device.ts")).mountDevice,
  hub: async () => (await import("./hub.ts")).mountHub,
  agent: async () => (await import("./agent.ts")).mountAgent,
  proxy: async () => (await import("./proxy.ts")).mountProxy,
};

/** Loads and mounts a role; one that is not configured costs nothing. */
export async function mountRole(name: RoleName, options: RoleOptions): Promise<Role> {
  const mount = await LOADERS[name]();
  return mount(options);
}
