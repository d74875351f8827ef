import { AppError } from "../../core/errors.ts";

/** The address is one that this machine must not be made to call. */
export class OutboundAddressError extends AppError {
  static readonly code = "OUTBOUND_ADDRESS";
  constructor(message: string, options?: ErrorOptions) {
    super("forbidden", OutboundAddressError.code, message, options);
  }
}

/** A mail server took the connection and refused the message; the message is its own words. */
export class MailRefusedError extends AppError {
  static readonly code = "MAIL_REFUSED";
  /** Trying again will not help. */
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super("unavailable", MailRefusedError.code, message, options);
    this.isFinal = isFinal;
  }
}

interface OutboundOptions {
  /** Networks (`192.168.1.0/24`) and single addresses that may be called although they are not on the public internet. */
  readonly allow: readonly string[];
  /** For finding, connecting and the whole answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface OutboundRequest extends OutboundOptions {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface OutboundReply {
  readonly status: number;
  /** Its first 16 KiB, as UTF-8 text. */
  readonly body: string;
}

export interface OutboundMail extends OutboundOptions {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first byte. `starttls`: demanded before anything else. */
  readonly security: "tls" | "starttls" | "none";
  /** Empty: without signing in. */
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/**
 * Messages to servers that people have named. Every host, also after redirects, is looked up once, its addresses are
 * checked, and the connection goes to an address that was checked. Nothing that is secret is in an error's message.
 */
export interface Outbound {
  /**
   * Every status but a redirect is an answer; at most three redirects are followed, and headers stay with their server.
   * Rejects with `OutboundAddressError`, `NetworkError`, `CertificateError`, `ReplyTimeoutError` or `CancelledError`.
   */
  request(request: OutboundRequest): Promise<OutboundReply>;
  /** The server's answer. Rejects like `request`, and with `MailRefusedError` or `MissingPartError`. */
  mail(mail: OutboundMail): Promise<string>;
}
