import { AppError, describeError, errnoOf } from "../../core/errors.ts";
import { CertificateError, NetworkError } from "./port.ts";

const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  CERT_REVOKED: "was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "was issued by an authority that this machine does not know",
  UNABLE_TO_GET_ISSUER_CERT: "was issued by an authority that this machine does not know",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "was issued by an authority that this machine does not know",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes without the certificate of its issuer",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name",
};

const CLOCK_CODES: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

const NETWORK_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses the connection",
  ECONNRESET: "broke the connection off",
  EPIPE: "broke the connection off",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached: there is no network",
  EADDRNOTAVAIL: "cannot be reached: this machine has no fitting address",
  ENOTFOUND: "is not known: the name does not exist",
  EAI_AGAIN: "is not known: the name server does not answer",
  ETIMEDOUT: "does not answer",
  EPROTO: "does not speak TLS here, or no version that both know",
  ERR_SSL_WRONG_VERSION_NUMBER: "does not speak TLS here: http:// was probably meant",
  HPE_INVALID_CONSTANT: "does not speak HTTP here",
  HPE_INVALID_VERSION: "does not speak HTTP here",
};

/** Several addresses were tried: the first failure stands for them. */
function firstOf(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const errors: readonly unknown[] = error.errors;
  return errors[0] ?? error;
}

/** A failure of the connection to `server` in plain words. `now` helps where this machine's clock may be the cause. */
export function connectionError(cause: unknown, server: string, now: number): AppError {
  if (cause instanceof AppError) return cause;
  const error = firstOf(cause);
  const code = errnoOf(error) ?? "";
  const certificate = CERTIFICATE_PROBLEMS[code];
  if (certificate !== undefined) {
    const hint = CLOCK_CODES.has(code)
      ? `; the clock of this machine says ${new Date(now).toISOString()}`
      : "";
    return new CertificateError(`The certificate of ${server} ${certificate}${hint}`, { cause });
  }
  const problem = NETWORK_PROBLEMS[code];
  if (problem !== undefined) return new NetworkError(`${server} ${problem}`, { cause });
  return new NetworkError(`No connection to ${server}: ${describeError(error)}`, { cause });
}
