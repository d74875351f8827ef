import { randomUUID, X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { ValidationError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { FirstTls } from "../http/followed-tls.ts";
import { ensureSelfSigned, loadTlsFiles, selfSignedPaths } from "../http/tls.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { HostProbe } from "../platform/host/port.ts";
import { normalizeUuid } from "../protocol/pasarguard/api-key.ts";

export interface CredentialsOptions {
  readonly config: Pick<Config, "proxy" | "dataDir">;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly host: Pick<HostProbe, "hostName" | "addresses">;
  readonly log: Logger;
}

/** What a panel needs in order to trust this node, and the node in order to trust the panel. */
export interface ProxyCredentials {
  /** UUID, dashed. */
  readonly apiKey: string;
  readonly tls: FirstTls;
  /** An earlier certificate was replaced by this call: a running daemon shows that one for another minute. */
  readonly isRenewed: boolean;
}

const SECRET_MODE = 0o600;
const ZERO_KEY = "00000000-0000-0000-0000-000000000000";

/** State of this role, apart from that of the others. */
const folderOf = (dataDir: string): string => join(dataDir, "proxy");

/** The configured key, or else the one in the data directory, made at the first start. */
async function ensureApiKey({ config, files, log }: CredentialsOptions): Promise<string> {
  const configured = config.proxy.apiKey;
  if (configured !== "") return checkedKey(configured, "proxy.apiKey");
  const path = join(folderOf(config.dataDir), "api-key");
  const stored = await files.read(path);
  if (stored !== undefined) return checkedKey(stored.trim(), path);
  const made = randomUUID();
  await files.writeAtomic(path, `${made}\n`, { mode: SECRET_MODE });
  log.info({ path }, "Made a key for the panel: 'farhand pair --pasarguard' shows it");
  return made;
}

function checkedKey(text: string, origin: string): string {
  const key = normalizeUuid(text);
  if (key !== undefined && key !== ZERO_KEY) return key;
  throw new ValidationError(`${origin} must be a UUID other than the one of zeros`);
}

/** Where the certificate for panels and its key are: those of the configuration, or our own. */
export function proxyTlsPaths({ proxy, dataDir }: CredentialsOptions["config"]): {
  readonly cert: string;
  readonly key: string;
} {
  const { cert, key } = proxy.tls;
  return cert !== "" || key !== "" ? { cert, key } : selfSignedPaths(folderOf(dataDir));
}

async function ensureCertificate(
  { config, files, clock, host, log }: CredentialsOptions,
  address: string | undefined,
): Promise<Pick<ProxyCredentials, "tls" | "isRenewed">> {
  const { cert, key } = config.proxy.tls;
  if (cert !== "" || key !== "") {
    return {
      tls: await loadTlsFiles({ cert, key, files, section: "proxy.tls" }),
      isRenewed: false,
    };
  }
  const dataDir = folderOf(config.dataDir);
  const { cert: path } = proxyTlsPaths(config);
  const hadOne = files.fingerprint(path) !== undefined;
  const addresses = host.addresses();
  const present = { dataDir, hostName: host.hostName(), addresses, files, clock };
  const wanted =
    address === undefined
      ? present
      : { ...present, hostName: address, addresses: [...addresses, address] };
  let tls = await ensureSelfSigned(wanted);
  const isRenewed = address !== undefined && !coversAddress(tls.cert, address);
  if (isRenewed) {
    // Made anew with the wanted name in it: panels check the name that they dial.
    await files.remove(path);
    tls = await ensureSelfSigned(wanted);
  }
  if (!tls.isStored) {
    log.warn({ dataDir }, "Certificate could not be stored: the panel must be given the next one");
  }
  return { tls, isRenewed: isRenewed && hadOne };
}

/** Whether a client that dials this name or IP address accepts the certificate. */
export function coversAddress(cert: string, address: string): boolean {
  const certificate = new X509Certificate(cert);
  if (certificate.checkHost(address) !== undefined) return true;
  try {
    return certificate.checkIP(address) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Key and certificate, made and stored where there are none. With an `address` the node's own certificate is made anew
 * unless it names that address. Rejects with `ValidationError`, `TlsFilesError` or `StorageError`.
 */
export async function ensureProxyCredentials(
  options: CredentialsOptions,
  address?: string,
): Promise<ProxyCredentials> {
  const apiKey = await ensureApiKey(options);
  return { apiKey, ...(await ensureCertificate(options, address)) };
}
