/** A self-signed server certificate (RFC 5280) on the P-256 curve. */
import { isIP } from "node:net";
import { webcrypto } from "node:crypto";
import type { TlsMaterial } from "./node-server.ts";

export interface SelfSignedOptions {
  readonly hostName: string;
  /** IP addresses; anything else is left out. */
  readonly addresses: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Longest common name (RFC 5280 A.1). */
const MAX_NAME = 64;
const HOST_PATTERN = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

interface AlternativeName {
  readonly type: "dns" | "ip";
  readonly value: string;
}

/** Names under which the device is reached: itself, its mDNS name and its present addresses. */
function alternativeNames({ hostName, addresses }: SelfSignedOptions): AlternativeName[] {
  const hosts = new Set(["localhost"]);
  if (HOST_PATTERN.test(hostName)) {
    hosts.add(hostName);
    if (!hostName.includes(".")) hosts.add(`${hostName}.local`);
  }
  const isPlain = (address: string) => isIP(address) !== 0 && !address.includes("%");
  const ips = new Set(["127.0.0.1", "::1", ...addresses.filter(isPlain)]);
  return [
    ...[...hosts].map((value) => ({ type: "dns", value }) as const),
    ...[...ips].map((value) => ({ type: "ip", value }) as const),
  ];
}

/** The library needs a polyfill first, and both are only for the first start. */
async function loadX509() {
  await import("reflect-metadata");
  // A CommonJS package: once bundled, its names hang on the default export only.
  const { default: x509 } = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** A new key and its certificate. */
export async function createSelfSigned(options: SelfSignedOptions): Promise<TlsMaterial> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const name = options.hostName === "" ? "farhand" : options.hostName.slice(0, MAX_NAME);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: ["Farhand"] }, { CN: [name] }],
    notBefore: new Date(options.notBefore),
    notAfter: new Date(options.notAfter),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension(alternativeNames(options)),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
