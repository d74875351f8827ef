import { AppError } from "../../core/errors.ts";
import type { Unsubscribe } from "../../core/store.ts";

/** No connection, or it broke: no such name, refused, no route, silence. The message says which, for people. */
export class NetworkError extends AppError {
  static readonly code = "NETWORK";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", NetworkError.code, message, options);
  }
}

/** The server's certificate is not to be trusted; the message says why and what helps. */
export class CertificateError extends AppError {
  static readonly code = "CERTIFICATE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", CertificateError.code, message, options);
  }
}

/** The server answered the request for a WebSocket with something else. */
export class SocketRefusedError extends AppError {
  static readonly code = "SOCKET_REFUSED";
  readonly status: number;
  /** The first part of the answer's body. */
  readonly body: string;
  constructor(status: number, body: string, options?: ErrorOptions) {
    super(
      "unavailable",
      SocketRefusedError.code,
      `The server answered ${status} instead of opening a WebSocket`,
      options,
    );
    this.status = status;
    this.body = body;
  }
}

/** Settings of one connection to a server. */
export interface ServerOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Refuses certificates that are not trusted. Default true. */
  readonly verifyTls?: boolean;
  /** From the beginning to the whole answer, or to the open socket. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface WebRequest extends ServerOptions {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly body?: string | Uint8Array;
  /** A longer body is cut off and its connection closed. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

export interface WebResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 text. */
  readonly body: string;
}

export interface SocketOptions extends ServerOptions {
  readonly url: string;
  /** A longer message closes the socket. Default 1 MiB. */
  readonly maxMessageBytes?: number;
}

/** A WebSocket to a server. Its owner must `close` it. */
export interface ClientSocket {
  /** Text arrives as a string. */
  onMessage(listener: (message: string | Uint8Array) => void): Unsubscribe;
  /** Called once, also when `close` was called here; `reason` is for people. Late listeners are called at once. */
  onClose(listener: (reason: string) => void): Unsubscribe;
  onPong(listener: () => void): Unsubscribe;
  /** False when the socket is closed, or so slow that its buffer is full: then nothing was sent. */
  send(message: string | Uint8Array): boolean;
  ping(): void;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Says goodbye, and cuts the connection when the server does not answer. Idempotent. */
  close(code?: number): void;
}

/** Requests and sockets to servers elsewhere. Redirects are not followed. No Origin header is sent. */
export interface WebClient {
  /** Every status is an answer. Rejects with `NetworkError`, `CertificateError`, `ReplyTimeoutError`, `CancelledError`. */
  request(request: WebRequest): Promise<WebResponse>;
  /** Resolves when it is open. Rejects like `request`, and with `SocketRefusedError`. */
  openSocket(options: SocketOptions): Promise<ClientSocket>;
}
