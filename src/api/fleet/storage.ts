/** The database: its figures, and a copy to take home. */
import type { FastifyInstance } from "fastify";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Hub } from "../../hub/hub.ts";
import { openBackupStream } from "../../hub/series/backup-stream.ts";
import type { StorageView } from "../../protocol/fleet/admin.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

/** Copies need as much room as the database: one at a time. */
export class BackupRunningError extends AppError {
  static readonly code = "BACKUP_RUNNING";
  constructor(message = "A backup is being made already") {
    super("busy", BackupRunningError.code, message);
  }
}

export interface StorageRoutesOptions {
  readonly hub: Hub;
  readonly record: Recorder;
  readonly clock: Clock;
  /** Where the copy waits while it is taken. */
  readonly backupDir: string;
}

async function figuresOf({ state, storage }: Hub): Promise<StorageView> {
  const { storage: series, nodes, online } = state.value;
  return { ...series, ...(await storage.figures()), nodes, online };
}

export function storageRoutes(app: FastifyInstance, options: StorageRoutesOptions): void {
  const { hub, record, clock, backupDir } = options;
  let isBusy = false;
  app.route({
    method: "GET",
    url: "/storage",
    config: { access: "admin" },
    handler: () => figuresOf(hub),
  });
  app.route({
    method: "GET",
    url: "/backup",
    config: { access: "admin" },
    async handler(request, reply) {
      if (isBusy) throw new BackupRunningError();
      isBusy = true;
      try {
        const { stream, sizeBytes } = await record(request, { action: "backup.download" }, () =>
          openBackupStream(hub.storage, backupDir),
        );
        stream.once("close", () => {
          isBusy = false;
        });
        const day = new Date(clock.now()).toISOString().slice(0, 10);
        return await reply
          .type("application/vnd.sqlite3")
          .header("Content-Length", sizeBytes)
          .header("Content-Disposition", `attachment; filename="farhand-hub-${day}.db"`)
          .send(stream);
      } catch (error) {
        isBusy = false;
        throw error;
      }
    },
  });
}
