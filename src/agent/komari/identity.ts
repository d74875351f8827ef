import type { FileStore } from "../../platform/files/port.ts";
import { parseJson } from "../../protocol/komari/commands.ts";
import type { KomariNode, KomariServer } from "./server.ts";

export interface IdentityOptions {
  readonly server: KomariServer;
  readonly url: string;
  /** Configured token; empty when the node registers itself. */
  readonly token: string;
  readonly autoDiscoveryKey: string;
  readonly dataDir: string;
  readonly files: FileStore;
}

/** Where the token is kept that the server at `url` gave. */
export function identityFile(dataDir: string, url: string): string {
  const server = url.replace(/\/+$/, "").replace(/^https?:\/\//, "");
  return `${dataDir}/agent/komari-${server.replaceAll(/[^0-9A-Za-z.-]+/g, "_")}.json`;
}

function nodeOf(text: string | undefined): KomariNode | undefined {
  const value = parseJson(text ?? "");
  const uuid: unknown = Reflect.get(Object(value), "uuid");
  const token: unknown = Reflect.get(Object(value), "token");
  if (typeof token !== "string" || token === "") return undefined;
  return { uuid: typeof uuid === "string" ? uuid : "", token };
}

/**
 * Who this machine is for the server: the configured token, or the one kept from an earlier registration, or a new
 * one. Registering twice would make a second node, so the token is kept before it is used; when it cannot be kept, the
 * rejection says so.
 */
export async function komariIdentity(
  options: IdentityOptions,
  hostName: string,
  signal: AbortSignal,
): Promise<KomariNode> {
  const { server, url, token, autoDiscoveryKey, dataDir, files } = options;
  if (token !== "") return { uuid: "", token };
  const path = identityFile(dataDir, url);
  const kept = nodeOf(await files.read(path));
  if (kept !== undefined) return kept;
  // A full disk must show before a node is made that nobody remembers.
  await files.writeAtomic(path, "{}\n", { mode: 0o600 });
  const node = await server.register(autoDiscoveryKey, hostName, signal);
  await files.writeAtomic(path, `${JSON.stringify(node)}\n`, { mode: 0o600 });
  return node;
}
