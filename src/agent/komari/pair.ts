import type { WebClient } from "../../platform/web/port.ts";
import { KomariServer } from "./server.ts";
import type { KomariNode } from "./server.ts";

export interface KomariPairOptions {
  readonly url: string;
  readonly verifyTls: boolean;
  readonly web: WebClient;
  readonly signal: AbortSignal;
}

/**
 * Whether a Komari server answers there and knows the token: opens the node's socket and closes it before the first
 * report, so that a daemon that is connected already is not disturbed. Rejects with `KomariRefusedError`,
 * `KomariProtocolError` and the errors of `WebClient`.
 */
export async function checkKomari(options: KomariPairOptions, token: string): Promise<void> {
  const server = new KomariServer(options);
  server.setToken(token);
  const socket = await server.openReports(1, options.signal);
  socket.close();
}

/**
 * Makes a node of this machine. Every call makes another one, so nothing interrupts it half-way. Rejects like
 * `checkKomari`.
 */
export function registerKomari(
  options: Omit<KomariPairOptions, "signal">,
  key: string,
  hostName: string,
): Promise<KomariNode> {
  return new KomariServer(options).register(key, hostName, new AbortController().signal);
}
