export interface ProbeLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface WebTiming {
  readonly elapsedMs: number;
  readonly status: number;
  /** Of HTTPS servers. */
  readonly certificate: { readonly issuer: string; readonly notAfter: number } | undefined;
}

export interface WebTarget {
  readonly url: string;
  /** Where the connection goes, so that name resolution is not measured. */
  readonly address: string;
  /** Reads the body too, up to a limit. Default: until the response's head. */
  readonly readsBody?: boolean;
}

/** Round trips to other machines. Times are milliseconds with fractions; failures reject, with a message for people. */
export interface NetworkProbe {
  /** First address of a name, or the address itself. Rejects with `NetworkError` or `ReplyTimeoutError`. */
  resolve(host: string, limits: ProbeLimits): Promise<string>;
  /** One ICMP echo. Rejects with `ReplyTimeoutError`, `NetworkError`, `MissingPartError` (not permitted here), `CancelledError`. */
  echo(address: string, limits: ProbeLimits): Promise<number>;
  /** Time until a TCP connection stands; it is closed at once. Rejects with `NetworkError`, `ReplyTimeoutError`, `CancelledError`. */
  connect(address: string, port: number, limits: ProbeLimits): Promise<number>;
  /** A GET on a connection of its own; every status is an answer, redirects are not followed. Rejects like `connect`. Certificates are not judged. */
  get(target: WebTarget, limits: ProbeLimits): Promise<WebTiming>;
}
