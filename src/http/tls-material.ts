import type { HttpConfig } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { HostProbe } from "../platform/host/port.ts";
import { FollowedTls } from "./followed-tls.ts";
import type { FirstTls } from "./followed-tls.ts";
import { ensureSelfSigned, loadTlsFiles, selfSignedPaths } from "./tls.ts";

export interface OwnTlsOptions {
  readonly dataDir: string;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names and addresses for a certificate that is made. */
  readonly host: Pick<HostProbe, "hostName" | "addresses">;
}

export interface TlsMaterialOptions extends OwnTlsOptions {
  readonly config: HttpConfig["tls"];
}

/** The certificate that is made here, and made anew when it is over. Rejects with `StorageError`. */
export async function ownTls(options: OwnTlsOptions): Promise<FollowedTls> {
  const { dataDir, host, files, clock, log } = options;
  const make = async (): Promise<FirstTls> => {
    const names = { hostName: host.hostName(), addresses: host.addresses() };
    const made = await ensureSelfSigned({ dataDir, ...names, files, clock });
    if (!made.isStored) {
      log.warn({ dataDir }, "Certificate could not be stored: the next start makes another one");
    }
    return made;
  };
  const paths = selfSignedPaths(dataDir);
  return new FollowedTls(await make(), { ...paths, files, clock, log, renew: make });
}

/**
 * Certificate and key for the configured mode, not yet followed; undefined when it is off. Rejects with `TlsFilesError`
 * or `StorageError`.
 */
export async function tlsMaterialFor(
  options: TlsMaterialOptions,
): Promise<FollowedTls | undefined> {
  const { config, files, clock, log } = options;
  const { mode, cert, key } = config;
  if (mode === "off") return undefined;
  if (mode === "self-signed") return ownTls(options);
  const material = await loadTlsFiles({ cert, key, files });
  return new FollowedTls(material, { cert, key, files, clock, log });
}
