import { connect as connectPlain, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { errnoOf } from "../../../core/errors.ts";
import type { AppError } from "../../../core/errors.ts";
import { connectionError } from "../../web/network-error.ts";
import { NetworkError } from "../../web/port.ts";
import type { GrpcTarget } from "./port.ts";

// A gRPC client tells failures of a connection as a sentence. This asks the socket itself, whose errors have codes.

const TIMEOUT_MS = 5000;
const NOT_TLS: ReadonlySet<string> = new Set(["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER"]);
const NO_COMMON_PROTOCOL = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";

type Outcome =
  | { readonly kind: "connected"; readonly speaksHttp2: boolean }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "silent" };

function openSocket({ host, port, tls }: GrpcTarget, ca: Buffer | undefined): Socket {
  if (tls === "off") return connectPlain({ host, port });
  return connectTls({
    host,
    port,
    servername: isIP(host) === 0 ? host : "",
    ALPNProtocols: ["h2"],
    rejectUnauthorized: tls === "verified",
    ...(ca === undefined ? {} : { ca }),
  });
}

function tryConnect(target: GrpcTarget, ca: Buffer | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = openSocket(target, ca);
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
    socket.once(target.tls === "off" ? "connect" : "secureConnect", () => {
      const isHttp2 = socket instanceof TLSSocket && socket.alpnProtocol === "h2";
      finish({ kind: "connected", speaksHttp2: isHttp2 });
    });
  });
}

export interface DiagnosisHints {
  /** Authorities instead of Node.js' own. */
  readonly ca: Buffer | undefined;
  /** The wall clock, for certificates. */
  readonly now: number;
  /** The client has not been refused, but waited in vain. */
  readonly wasSilent: boolean;
}

function explainError(error: unknown, name: string, now: number): AppError {
  const code = errnoOf(error) ?? "";
  if (NOT_TLS.has(code)) {
    return new NetworkError(`${name} does not speak TLS: should 'tls' be off?`);
  }
  return code === NO_COMMON_PROTOCOL ? withoutHttp2(name) : connectionError(error, name, now);
}

function withoutHttp2(name: string): AppError {
  return new NetworkError(`${name} speaks TLS but not HTTP/2, which gRPC needs`);
}

/** Why there is no gRPC connection to the target, for people. */
export async function diagnose(target: GrpcTarget, hints: DiagnosisHints): Promise<AppError> {
  const { host, port, tls } = target;
  const name = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const outcome = await tryConnect(target, hints.ca);
  if (outcome.kind === "failed") return explainError(outcome.error, name, hints.now);
  if (outcome.kind === "silent") return new NetworkError(`${name} does not answer`);
  if (hints.wasSilent) return new NetworkError(`${name} accepts connections but does not answer`);
  if (tls === "off") {
    return new NetworkError(`${name} does not speak gRPC in clear text: should 'tls' be on?`);
  }
  return outcome.speaksHttp2 ? new NetworkError(`${name} does not speak gRPC`) : withoutHttp2(name);
}
