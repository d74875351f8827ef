/** What PiKVM's web server offers beside the API (PiKVM API 1.2), registered at the root. */
import type { FastifyInstance } from "fastify";
import { speakDialect } from "../../http/dialect.ts";
import type { WebConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Device } from "../../device/device.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { terminalRoutes } from "./terminal.ts";
import { webRootRoutes } from "./web-root.ts";
import { welcomePage } from "./welcome-page.ts";

export interface KvmdWebPathsOptions {
  readonly device: Device;
  readonly config: WebConfig;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Declares the paths in a scope of their own. */
export async function kvmdWebPaths(
  app: FastifyInstance,
  options: KvmdWebPathsOptions,
): Promise<void> {
  speakDialect(app, "kvmd");
  const { device, config, files, clock, log } = options;
  const { terminal, info } = device;
  const hostName = (): string => info.node.value.host;
  terminalRoutes(app, { terminal, files, hostName, clock, log });
  // In a scope of its own: its refusals lead to the login page, which nothing but a browser could use.
  await app.register(async (scope) => {
    const isServed =
      config.pikvmRoot !== "" && (await webRootRoutes(scope, { config, files, log }));
    // Where the built pages are there, one of them has taken it.
    if (!isServed && !scope.hasRoute({ method: "GET", url: "/" })) welcomePage(scope);
  });
}
