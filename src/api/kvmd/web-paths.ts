/** What PiKVM's web server offers beside the API (PiKVM API 1.2), registered at the root. */
import type { FastifyInstance } from "fastify";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Device } from "../../device/device.ts";
import { terminalRoutes } from "./terminal.ts";

export interface KvmdWebPathsOptions {
  readonly device: Device;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Declares the paths in a scope of their own. */
export function kvmdWebPaths(
  app: FastifyInstance,
  options: KvmdWebPathsOptions,
  done: () => void,
): void {
  const { device, clock, log } = options;
  const { terminal, info } = device;
  terminalRoutes(app, { terminal, hostName: () => info.node.value.host, clock, log });
  done();
}
