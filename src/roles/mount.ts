import type { Config, RoleName } from "../config/schema.ts";
import type { Role, RoleOptions } from "./role.ts";

type Mount = (options: RoleOptions) => Promise<Role>;

const LOADERS: Readonly<Record<RoleName, () => Promise<Mount>>> = {
  device: async () => (await import("./device.ts")).mountDevice,
  hub: async () => (await import("./hub.ts")).mountHub,
  agent: async () => (await import("./agent.ts")).mountAgent,
  proxy: async () => (await import("./proxy.ts")).mountProxy,
};

/**
 * The roles to mount, in order. A device that is also a hub is a node of its own fleet without being told; the agent
 * comes last, because it reports about the others.
 */
export function rolesOf({ roles }: Pick<Config, "roles">): readonly RoleName[] {
  const isOwnNode = roles.includes("device") && roles.includes("hub");
  // The hub before the device: a theme of the fleet is the page at `/`, whatever the device has.
  const hubFirst = (a: RoleName, b: RoleName): number => Number(b === "hub") - Number(a === "hub");
  const others = roles.filter((name) => name !== "agent").toSorted(hubFirst);
  return isOwnNode || roles.includes("agent") ? [...others, "agent"] : others;
}

/** What everybody may know of these roles. */
export function healthOf(roles: readonly Role[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(roles.flatMap((role) => Object.entries(role.health())));
}

/** Loads and mounts a role; one that is not configured costs nothing. */
export async function mountRole(name: RoleName, options: RoleOptions): Promise<Role> {
  const mount = await LOADERS[name]();
  return mount(options);
}
