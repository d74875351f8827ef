import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { StoredCycleTraffic } from "./cycle-traffic.ts";
import type { CycleTraffic } from "./cycle-traffic.ts";
import type { Ingest } from "./ingest.ts";
import { createKvmBoard } from "./kvm-board.ts";
import type { KvmBoard } from "./kvm-board.ts";
import type { Registry } from "./registry.ts";
import type { Tables } from "./series/series.ts";

export interface WatchOptions {
  readonly tables: Tables;
  readonly registry: Registry;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The parts of the hub that look at what the others have gathered. */
export interface Watch {
  readonly kvm: KvmBoard;
  readonly cycles: CycleTraffic;
  /** Once a second. */
  tick(second: number): void;
  /** Writes what waits. Rejects with `StorageError`. */
  close(): Promise<void>;
}

const CYCLES_EVERY_SECONDS = 10;

/** Reads what is stored. Rejects with `StorageError`. */
export async function openWatch({
  tables,
  registry,
  ingest,
  clock,
  log,
}: WatchOptions): Promise<Watch> {
  const kvm = createKvmBoard(registry);
  const cycles = new StoredCycleTraffic({ tables, registry, ingest, timeZone: () => "UTC" });
  await cycles.load();
  cycles.look(clock.now());
  return {
    kvm,
    cycles,
    tick(second) {
      if (second % CYCLES_EVERY_SECONDS !== 0) return;
      cycles.look(clock.now());
      cycles.save().catch((error: unknown) => {
        log.debug({ problem: describeError(error) }, "The hub could not save its months");
      });
    },
    close: () => cycles.save(),
  };
}
