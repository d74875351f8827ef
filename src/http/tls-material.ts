import type { Config } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { TlsMaterial } from "./node-server.ts";
import { ensureSelfSigned, loadTlsFiles } from "./tls.ts";

export interface TlsMaterialOptions {
  readonly config: Config;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hostName: string;
  /** Present addresses of the machine, for a certificate that is made now. */
  readonly addresses: readonly string[];
}

/** Certificate and key for the configured mode; undefined when it is off. Rejects with `TlsFilesError`. */
export async function tlsMaterialFor(
  options: TlsMaterialOptions,
): Promise<TlsMaterial | undefined> {
  const { config, files, clock, log, hostName, addresses } = options;
  const { mode, cert, key } = config.http.tls;
  if (mode === "off") return undefined;
  if (mode === "files") return loadTlsFiles({ cert, key, files });
  const { dataDir } = config;
  const made = await ensureSelfSigned({ dataDir, hostName, addresses, files, clock });
  if (!made.isStored) {
    log.warn({ dataDir }, "Certificate could not be stored: the next start makes another one");
  }
  return made;
}
