import { readFile } from "node:fs/promises";

/** Where distributions keep the authorities that the system trusts, those that its owner added included. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** The system's bundle, or undefined where there is none: then Node.js' own applies. */
export async function systemRoots(
  candidates: readonly string[] = BUNDLES,
): Promise<Buffer | undefined> {
  for (const path of candidates) {
    const bundle = await readFile(path).catch(() => undefined);
    if (bundle !== undefined && bundle.length > 0) return bundle;
  }
  return undefined;
}
