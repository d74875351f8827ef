import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { supervise } from "../../core/supervisor.ts";
import type { HidDriver } from "./driver.ts";

export interface RunDriverOptions {
  readonly driver: HidDriver;
  readonly clock: Clock;
  readonly log: Logger;
  /** Lets go of everything; called first when the scope closes. */
  releaseAll(): void;
}

const RESTART_DELAYS_MS = [200, 500, 1000, 2000, 5000];
/** How long the end may wait for the last reports, and then for the driver. */
const CLOSE_PATIENCE_MS = 1000;

/** Waits for a promise, but not longer than the end may take. */
async function atMost(clock: Clock, work: Promise<void>): Promise<void> {
  const patience = new AbortController();
  const limit = sleep(clock, CLOSE_PATIENCE_MS, patience.signal).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), limit]);
  patience.abort();
}

/**
 * Runs the driver until the scope closes, restarting it when it fails. Closing lets go of everything and waits until
 * the host was told, at most a second, before the driver is stopped.
 */
export function runDriver(scope: Scope, options: RunDriverOptions): void {
  const { driver, clock, log } = options;
  // Not the scope's own signal: that one aborts before the releases run, and the driver is needed for the last report.
  const stop = new AbortController();
  const backoff = { stepsMs: RESTART_DELAYS_MS };
  const running = supervise(
    { name: "hid driver", clock, log, signal: stop.signal, backoff },
    (signal) => driver.run(signal),
  );
  scope.defer(async () => {
    options.releaseAll();
    await atMost(clock, driver.drained());
    stop.abort();
    await atMost(clock, running);
  });
}
