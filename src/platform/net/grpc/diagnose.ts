import { connect as connectPlain } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { describeError, errnoOf } from "../../../core/errors.ts";
import type { GrpcTarget } from "./port.ts";

// A gRPC client tells failures of a connection as a sentence. This asks the socket itself, whose errors have codes.

const TIMEOUT_MS = 5000;

type Outcome =
  | { readonly kind: "connected"; readonly protocol: string | undefined }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "silent" };

function tryConnect(target: GrpcTarget, ca: Buffer | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    const { host, port, tls } = target;
    const socket: Socket =
      tls === "off"
        ? connectPlain({ host, port })
        : connectTls({
            host,
            port,
            servername: /^[\d.]+$|:/.test(host) ? "" : host,
            ALPNProtocols: ["h2"],
            rejectUnauthorized: tls === "verified",
            ...(ca === undefined ? {} : { ca }),
          });
    const finish = (outcome: Outcome): void => {
      resolve(outcome);
      socket.destroy();
    };
    socket.setTimeout(TIMEOUT_MS, () => {
      finish({ kind: "silent" });
    });
    socket.on("error", (error) => {
      finish({ kind: "failed", error });
    });
    socket.once(tls === "off" ? "connect" : "secureConnect", () => {
      const negotiated = socket instanceof TLSSocket ? socket.alpnProtocol : "h2";
      finish({
        kind: "connected",
        protocol: negotiated === false ? undefined : (negotiated ?? ""),
      });
    });
  });
}

const CERTIFICATE_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "has expired, or the clock of this device is wrong"],
  ["CERT_NOT_YET_VALID", "is not valid yet, or the clock of this device is wrong"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "is self-signed, and this device does not trust it"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "comes from an authority that this device does not trust"],
  ["UNABLE_TO_GET_ISSUER_CERT", "comes from an authority that this device does not trust"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "comes from an authority that this device does not trust"],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "comes from an authority that this device does not trust, or without the certificates in between",
  ],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "is for another name"],
  ["CERT_REVOKED", "has been revoked"],
]);

const CONNECTION_FAULTS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "the name is unknown"],
  ["EAI_AGAIN", "the name cannot be looked up now"],
  ["ETIMEDOUT", "no answer"],
  ["EHOSTUNREACH", "there is no way to that machine"],
  ["ENETUNREACH", "there is no way to that network"],
  ["EACCES", "this device does not allow it"],
]);

const NOT_TLS = new Set([
  "EPROTO",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

function explainFailure(name: string, error: unknown): string {
  const code = errnoOf(error) ?? "";
  const certificate = CERTIFICATE_FAULTS.get(code);
  if (certificate !== undefined) return `The certificate of ${name} ${certificate}`;
  const connection = CONNECTION_FAULTS.get(code);
  if (connection !== undefined) return `No connection to ${name}: ${connection}`;
  if (NOT_TLS.has(code)) return `${name} does not speak TLS; should 'tls' be off?`;
  return `No connection to ${name}: ${describeError(error)}`;
}

/** One sentence for people about why there is no gRPC connection to the target. */
export async function diagnose(target: GrpcTarget, ca: Buffer | undefined): Promise<string> {
  const { host, port, tls } = target;
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const outcome = await tryConnect(target, ca);
  if (outcome.kind === "silent") return `No connection to ${name}: no answer`;
  if (outcome.kind === "failed") return explainFailure(name, outcome.error);
  if (tls === "off")
    return `${name} is there but does not speak gRPC in clear text; does it need 'tls'?`;
  return outcome.protocol === "h2"
    ? `${name} is there but does not speak gRPC`
    : `${name} speaks TLS but not HTTP/2, which gRPC needs`;
}
