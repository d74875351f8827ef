/** The PiKVM dialect (PiKVM API 4), registered with the prefix `/api`: every resource has a file of its own. */
import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Device } from "../../device/device.ts";
import type { Auth } from "../../http/auth/auth.ts";
import { atxRoutes } from "./atx.ts";
import { authRoutes } from "./auth.ts";
import { installKvmdErrors } from "./errors.ts";
import { gpioRoutes } from "./gpio.ts";

export interface KvmdApiOptions {
  readonly device: Device;
  readonly auth: Auth;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Declares every route of the dialect. Errors and misses below the prefix answer as PiKVM does. */
export function kvmdApi(app: FastifyInstance, options: KvmdApiOptions, done: () => void): void {
  const { device, auth, config } = options;
  installKvmdErrors(app);
  authRoutes(app, { auth, config: config.http });
  atxRoutes(app, { atx: device.atx });
  gpioRoutes(app, { gpio: device.gpio });
  done();
}
