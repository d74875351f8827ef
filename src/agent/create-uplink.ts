import type {
  AgentConfig,
  KomariUplinkConfig,
  NezhaUplinkConfig,
  UplinkConfig,
} from "../config/schema.ts";
import { ValidationError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Store } from "../core/store.ts";
import type { KvmCondition } from "../protocol/fleet/live.ts";
import type { Platform } from "../platform/platform.ts";
import type { Control, Probes } from "./tasks.ts";
import type { Facts, Uplink } from "./uplink.ts";

/** What all uplinks of a process share. */
export interface UplinkOptions {
  readonly config: AgentConfig;
  readonly dataDir: string;
  readonly platform: Pick<Platform, "clock" | "files" | "web" | "grpc">;
  readonly log: Logger;
  readonly version: string;
  readonly facts: Facts;
  /** What the KVM says about itself, in a few words; empty: nothing. */
  readonly health: Store<string>;
  /** The computer behind it; undefined where this machine is no KVM, or does not tell. */
  readonly kvm: Store<KvmCondition | undefined>;
  readonly probes: Probes;
  readonly control: Control;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

async function komari(uplink: KomariUplinkConfig, options: UplinkOptions): Promise<Uplink> {
  const { createKomariUplink } = await import("./komari/komari-uplink.ts");
  const { config, platform, ...shared } = options;
  return createKomariUplink({
    ...shared,
    ...uplink,
    ...platform,
    protocolVersion: uplink.version,
    version: options.version,
    consoleUrl: config.consoleUrl,
    intervalMs: config.intervalSeconds * SECOND_MS,
    infoIntervalMs: config.infoIntervalMinutes * MINUTE_MS,
  });
}

async function nezha(uplink: NezhaUplinkConfig, options: UplinkOptions): Promise<Uplink> {
  const { createNezhaUplink, parseNezhaServer } = await import("./nezha/nezha-uplink.ts");
  const { identityPath } = await import("./nezha/identity.ts");
  const address = parseNezhaServer(uplink.server);
  if (address === undefined) throw new ValidationError(`'${uplink.server}' is not host:port`);
  const secured = uplink.verifyTls ? "verified" : "unverified";
  const { config, platform, dataDir, ...shared } = options;
  const { clock, files, grpc: dialer } = platform;
  return createNezhaUplink({
    ...shared,
    clock,
    files,
    dialer,
    server: { ...address, tls: uplink.tls ? secured : "off" },
    secret: uplink.secret,
    uuid: uplink.uuid.toLowerCase(),
    identityPath: identityPath(dataDir, uplink.server),
    generation: uplink.generation,
    intervalMs: config.intervalSeconds * SECOND_MS,
    hostIntervalMs: config.infoIntervalMinutes * MINUTE_MS,
    reportsAddress: config.address.report,
  });
}

/**
 * The uplink that the configuration describes; nothing happens before it runs. A protocol that no uplink uses is not
 * loaded. Rejects with `ValidationError` for an impossible port.
 */
export async function createUplink(uplink: UplinkConfig, options: UplinkOptions): Promise<Uplink> {
  const log = options.log.child({ uplink: uplink.protocol });
  return uplink.protocol === "komari"
    ? komari(uplink, { ...options, log })
    : nezha(uplink, { ...options, log });
}
