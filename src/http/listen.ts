import type { Server } from "node:net";
import type { HttpConfig } from "../config/schema.ts";
import { AppError, describeError, errnoOf } from "../core/errors.ts";

/** The port cannot be had; the message says what to do. */
export class ListenError extends AppError {
  static readonly code = "LISTEN";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", ListenError.code, message, options);
  }
}

export interface ListeningAt {
  readonly address: string;
  readonly port: number;
}

interface Listener {
  listen(options: {
    readonly host: string;
    readonly port: number;
    readonly listenTextResolver?: () => string;
  }): Promise<string>;
  readonly server: Pick<Server, "address">;
}

/** What a machine without IPv6 says to `::`. */
const NO_IPV6 = new Set(["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL", "EPROTONOSUPPORT"]);

const PRIVILEGED_BELOW = 1024;

function explain(error: unknown, host: string, port: number): string {
  switch (errnoOf(error)) {
    case "EADDRINUSE":
      return `Port ${port} is in use by another program: stop it, or choose another port (http.port)`;
    case "EACCES":
      return port < PRIVILEGED_BELOW
        ? `Port ${port} needs the right CAP_NET_BIND_SERVICE: grant it, or choose a port from 1024 up (http.port)`
        : `Port ${port} may not be used by this user: choose another port (http.port)`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `'${host}' is no address of this machine: correct http.host, '::' takes all`;
    default:
      return `Cannot listen on ${host} port ${port}: ${describeError(error)}`;
  }
}

async function tryListen(app: Listener, host: string, port: number): Promise<ListeningAt> {
  // Fastify would name the address as plain HTTP even with TLS.
  await app.listen({ host, port, listenTextResolver: () => "HTTP server listens" });
  const bound = app.server.address();
  if (bound === null || typeof bound === "string") return { address: host, port };
  return { address: bound.address, port: bound.port };
}

/**
 * Listens as configured; `::` falls back to `0.0.0.0` where IPv6 is off. With port 0 the system chooses; the result
 * tells which. Rejects with `ListenError`.
 */
export async function listen(app: Listener, config: HttpConfig): Promise<ListeningAt> {
  const { host, port } = config;
  try {
    return await tryListen(app, host, port);
  } catch (error) {
    const hasNoIpv6 = host === "::" && NO_IPV6.has(errnoOf(error) ?? "");
    if (!hasNoIpv6) throw new ListenError(explain(error, host, port), { cause: error });
  }
  try {
    return await tryListen(app, "0.0.0.0", port);
  } catch (error) {
    throw new ListenError(explain(error, "0.0.0.0", port), { cause: error });
  }
}
