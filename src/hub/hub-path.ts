import { posix } from "node:path";
import type { HubConfig } from "../config/schema.ts";

/** Where the hub's database is. */
export function hubPath({ storage }: HubConfig, dataDir: string): string {
  return storage.path === "" ? posix.join(dataDir, "hub.db") : storage.path;
}
