import { X509Certificate, createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { Clock } from "../core/clock.ts";
import { AppError, StorageError, describeError } from "../core/errors.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { TlsMaterial } from "./node-server.ts";
import { createSelfSigned } from "./self-signed.ts";

/** Certificate or key cannot be used; the message says which file and why. */
export class TlsFilesError extends AppError {
  static readonly code = "TLS_FILES";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", TlsFilesError.code, message, options);
  }
}

export interface SelfSignedFiles {
  readonly dataDir: string;
  readonly hostName: string;
  /** Present addresses of the machine. */
  readonly addresses: readonly string[];
  readonly files: FileStore;
  readonly clock: Clock;
}

export interface SelfSignedResult extends TlsMaterial {
  /** False when it could not be written: the next start makes another one, which clients that pin it will refuse. */
  readonly isStored: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Browsers refuse more than 825 days. */
const LIFE_MS = 820 * DAY_MS;
/** Boards without a clock start in 1970 or at their last shutdown; a certificate of that time would be over at once. */
const NOT_EARLIER_THAN = Date.UTC(2026, 0, 1);

const KEY_MODE = 0o600;
const CERT_MODE = 0o644;

function readCertificate(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (error) {
    throw new TlsFilesError(`${file} is no PEM certificate: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function readKey(key: string, file: string) {
  try {
    return createPrivateKey(key);
  } catch (error) {
    throw new TlsFilesError(`${file} is no PEM private key: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function readRequired(files: FileStore, file: string, setting: string): Promise<string> {
  if (file === "")
    throw new TlsFilesError(`${setting} is not set, but certificate and key are needed`);
  const text = await files.read(file);
  if (text === undefined) throw new TlsFilesError(`${file} does not exist (${setting})`);
  return text;
}

/** Whether the first certificate of a PEM text is signed by nobody but itself; false for what is none. */
export function isSelfSigned(pem: string): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}

/** Throws what a server would: this also reads the rest of the chain, and refuses what is too weak. */
export function demandUsable({ cert, key }: TlsMaterial): void {
  createSecureContext({ cert, key });
}

/**
 * Reads and checks one's own certificate. Rejects with `TlsFilesError`, or `StorageError` when a file may not be read.
 * An expired certificate is accepted: it is better than none.
 */
export async function loadTlsFiles(options: {
  readonly cert: string;
  readonly key: string;
  readonly files: FileStore;
  /** Section of the configuration that names the files, for messages. Default `http.tls`. */
  readonly section?: string;
}): Promise<TlsMaterial> {
  const { files, section = "http.tls" } = options;
  const cert = await readRequired(files, options.cert, `${section}.cert`);
  const key = await readRequired(files, options.key, `${section}.key`);
  const certificate = readCertificate(cert, options.cert);
  if (!certificate.checkPrivateKey(readKey(key, options.key))) {
    throw new TlsFilesError(`${options.key} is not the key of ${options.cert}`);
  }
  try {
    demandUsable({ cert, key });
  } catch (error) {
    throw new TlsFilesError(`${options.cert} cannot be used: ${describeError(error)}`, {
      cause: error,
    });
  }
  return { cert, key };
}

/** The stored pair, when it fits together and is not over. */
async function loadStored(
  { files, clock }: SelfSignedFiles,
  paths: { readonly cert: string; readonly key: string },
): Promise<TlsMaterial | undefined> {
  try {
    const material = await loadTlsFiles({ ...paths, files });
    const endsAt = Date.parse(new X509Certificate(material.cert).validTo);
    return endsAt > clock.now() ? material : undefined;
  } catch (error) {
    if (error instanceof TlsFilesError) return undefined;
    throw error;
  }
}

/** Where the certificate that is made here is kept. */
export function selfSignedPaths(dataDir: string): { readonly cert: string; readonly key: string } {
  return { cert: join(dataDir, "tls", "server.crt"), key: join(dataDir, "tls", "server.key") };
}

/**
 * The device's own certificate: made at first start, kept in `tls/` of the data directory, made anew when it is over
 * or damaged. It stays when addresses change, because clients pin it. Rejects with `StorageError` when there is one
 * that may not be read.
 */
export async function ensureSelfSigned(options: SelfSignedFiles): Promise<SelfSignedResult> {
  const { dataDir, hostName, addresses, files, clock } = options;
  const paths = selfSignedPaths(dataDir);
  const stored = await loadStored(options, paths);
  if (stored !== undefined) return { ...stored, isStored: true };
  const startsAt = Math.max(clock.now(), NOT_EARLIER_THAN);
  const material = await createSelfSigned({
    hostName,
    addresses,
    notBefore: startsAt - DAY_MS,
    notAfter: startsAt + LIFE_MS,
  });
  try {
    await files.writeAtomic(paths.key, material.key, { mode: KEY_MODE });
    await files.writeAtomic(paths.cert, material.cert, { mode: CERT_MODE });
    return { ...material, isStored: true };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { ...material, isStored: false };
  }
}
