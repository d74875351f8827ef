import type { RoleName } from "../config/schema.ts";
import { AppError } from "../core/errors.ts";
import type { Role, RoleOptions } from "./role.ts";

/** A role that is named in the configuration but is not part of this build. */
export class RoleMissingError extends AppError {
  static readonly code = "ROLE_MISSING";
  constructor(name: string, options?: ErrorOptions) {
    super(
      "unsupported",
      RoleMissingError.code,
      `The role '${name}' is not part of this version`,
      options,
    );
  }
}

type Mount = (options: RoleOptions) => Promise<Role>;

const LOADERS: Readonly<Partial<Record<RoleName, () => Promise<Mount>>>> = {
  device: async () => (await import("./device.ts")).mountDevice,
  agent: async () => (await import("./agent.ts")).mountAgent,
  proxy: async () => (await import("./proxy.ts")).mountProxy,
};

/** Loads and mounts a role; one that is not configured costs nothing. */
export async function mountRole(name: RoleName, options: RoleOptions): Promise<Role> {
  const load = LOADERS[name];
  if (load === undefined) throw new RoleMissingError(name);
  const mount = await load();
  return mount(options);
}
