import type { Clock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/log.ts";
import type { HubStorage, LoadFigures, PingFigures } from "../../src/hub/series/series.ts";
import { loadOf } from "../../src/hub/series/rows.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import type { StorageOptions } from "../../src/hub/series/open-storage.ts";
import { SqliteEngine } from "../../src/hub/series/sqlite-engine.ts";

export const RETENTION = { minuteDays: 2, quarterDays: 30, hourDays: 365 };

/** The hub's database in this thread. */
export function openTestStorage(
  clock: Clock,
  options: Partial<StorageOptions> = {},
): Promise<HubStorage> {
  return openHubStorage({
    path: ":memory:",
    retention: RETENTION,
    clock,
    log: silentLogger,
    engine: new SqliteEngine(),
    ...options,
  });
}

/** Every figure differs from the others. */
export function loadFigures(part: Partial<LoadFigures> = {}): LoadFigures {
  return { ...loadOf((column) => column + 1), ...part };
}

export function pingFigures(task: number, meanMs: number): PingFigures {
  return { task, sent: 1, lost: 0, meanMs, minMs: meanMs, maxMs: meanMs };
}
