import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { HubStorage } from "./series.ts";
import { storageError } from "./sqlite-file.ts";

/** A copy of the database on its way to somebody. */
export interface BackupStream {
  readonly sizeBytes: number;
  /** The copy is removed when it ends or is destroyed. */
  readonly stream: Readable;
}

/** A checked copy in a folder of its own below `folder`. Rejects with `StorageError`. */
export async function openBackupStream(
  storage: Pick<HubStorage, "backup">,
  folder: string,
): Promise<BackupStream> {
  let own: string | undefined;
  const remove = (): void => {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    own = mkdtempSync(join(folder, "backup-"));
    const path = join(own, "hub.db");
    await storage.backup(path);
    const stream = createReadStream(path);
    stream.once("close", remove);
    return { sizeBytes: statSync(path).size, stream };
  } catch (cause) {
    remove();
    throw storageError(folder, cause);
  }
}
