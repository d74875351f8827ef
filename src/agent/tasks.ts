import type { Unsubscribe } from "../core/store.ts";

/** A measurement that a server asks for. */
export type ProbeRequest =
  | { readonly kind: "icmp"; readonly host: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "http"; readonly url: string };

export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** `http`: reads the body too, up to a limit, and counts its time. Default false: until the response's head. */
  readonly readsBody?: boolean;
}

/** The certificate that a web server showed. */
export interface PeerCertificate {
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

export interface ProbeResult {
  /** Milliseconds with fractions; name resolution is not part of it. */
  readonly elapsedMs: number;
  /** `http` only. */
  readonly status?: number;
  readonly certificate?: PeerCertificate;
}

/** Measurements. They cost little and reveal little, and are on by default. */
export interface Probes {
  /**
   * Rejects with `ProbeFailedError` (no answer, refused, no such name), `ProbeDeniedError` when the configuration
   * switches probes off, `TooManyTasksError`, or `CancelledError`.
   */
  run(request: ProbeRequest, options: ProbeOptions): Promise<ProbeResult>;
}

/** Who wants something, for the log: the uplink and the request as its server names it. */
export interface Requester {
  /** `Uplink.name`. */
  readonly uplink: string;
  /** Task or session id of the server. */
  readonly request: string;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell for the person behind the server. Its owner must `close` it. */
export interface RemoteTerminal {
  onData(listener: (bytes: Uint8Array) => void): Unsubscribe;
  onExit(listener: (exitCode: number) => void): Unsubscribe;
  write(data: string | Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Stops and continues output, so that a slow socket slows the program down. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/**
 * What a server may make this machine do. Everything is off unless `agent.control` enables it: then it runs as the
 * configured unprivileged user, is logged with its requester, and is limited in number, time and output.
 * Rejections: `ControlDeniedError` (not enabled), `TooManyTasksError`, `MissingPartError` (no such user, no terminal
 * addon), `ReplyTimeoutError`, `CancelledError`.
 */
export interface Control {
  /** What is enabled, for protocols that announce it. */
  readonly allows: { readonly commands: boolean; readonly terminal: boolean };
  /** For a task that is turned away before it gets any further: it is logged with who asked. */
  refuse(what: string, by: Requester): void;
  /** Runs the text in a shell. */
  runCommand(text: string, by: Requester, signal: AbortSignal): Promise<CommandResult>;
  openTerminal(
    size: { readonly cols: number; readonly rows: number },
    by: Requester,
  ): Promise<RemoteTerminal>;
}
