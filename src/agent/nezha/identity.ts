import { randomUUID } from "node:crypto";
import type { FileStore } from "../../platform/files/port.ts";
import { isNezhaUuid } from "../../protocol/nezha/service.ts";

/** Where the identity for one dashboard is kept. */
export function identityPath(dataDir: string, server: string): string {
  return `${dataDir}/agent/nezha-${server.replaceAll(/[^0-9A-Za-z.-]+/g, "_")}.uuid`;
}

/**
 * The uuid under which a dashboard knows this machine, made on first use. Rejects with `StorageError` when it cannot
 * be kept: another one at every start would fill the dashboard with machines that are not there.
 */
export async function loadIdentity(files: FileStore, path: string): Promise<string> {
  const kept = (await files.read(path))?.trim().toLowerCase() ?? "";
  if (isNezhaUuid(kept)) return kept;
  const uuid = randomUUID();
  await files.writeAtomic(path, `${uuid}\n`, { mode: 0o600 });
  return uuid;
}
