import { AppError } from "../../core/errors.ts";

/** The provider, or what came back from it, cannot be used; the message says why, for the log. */
export class ProviderError extends AppError {
  static readonly code = "IDENTITY_PROVIDER";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", ProviderError.code, message, options);
  }
}

/** What starts a sign-in at a provider. */
export interface SignInRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** SHA-256 of the verifier, base64url (RFC 7636). */
  readonly challenge: string;
}

/** What a browser brought back, and what was kept for it. */
export interface SignInGrant {
  readonly code: string;
  readonly redirectUri: string;
  readonly nonce: string;
  /** RFC 7636. */
  readonly verifier: string;
}

/** Somebody who vouches for people. Failures of the network pass through as they are. */
export interface IdentityProvider {
  /** Where the browser is sent. Rejects with `ProviderError`. */
  addressFor(request: SignInRequest): Promise<string>;
  /** Who it is, in the provider's words. Rejects with `ProviderError`, also when the code is not good. */
  identify(grant: SignInGrant): Promise<string>;
  /** What the provider says it is, where it says so in its answer (RFC 9207). */
  readonly issuer: string | undefined;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Secrets go there: encrypted, or to this machine. Throws `ProviderError`. */
export function demandSafe(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (!isSafe) throw new ProviderError(`'${address}' is not an address with https://`);
  return address;
}
