import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { TlsMaterial } from "../../src/http/node-server.ts";
import { createSelfSigned } from "../../src/http/self-signed.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate for `localhost`; each call makes another one. */
export function makeCertificate(notAfter = Date.now() + 30 * DAY_MS): Promise<TlsMaterial> {
  const names = { hostName: "localhost", addresses: [] };
  return createSelfSigned({ ...names, notBefore: notAfter - 60 * DAY_MS, notAfter });
}

export function fingerprintOf({ cert }: TlsMaterial): string {
  return new X509Certificate(cert).fingerprint256;
}

/** A connection after its handshake; the end of the test closes it. */
export async function connectTo(port: number, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const options = { port, host: "127.0.0.1", rejectUnauthorized: false } as const;
  const socket = connect({ ...options, ALPNProtocols: ["h2", "http/1.1"], ...more });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "secureConnect");
  return socket;
}

/** Fingerprint of the certificate that a server shows to a new connection. */
export async function shownBy(port: number, more: ConnectionOptions = {}): Promise<string> {
  const socket = await connectTo(port, more);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
