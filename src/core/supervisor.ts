import { createBackoff } from "./backoff.ts";
import type { BackoffOptions } from "./backoff.ts";
import { isAborted } from "./abort.ts";
import { sleep } from "./clock.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";

export interface SuperviseOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly backoff: BackoffOptions;
  /** A run that lived this long counts as healthy: the next failure starts from the first delay. Default 10 s. */
  readonly healthyAfterMs?: number;
}

/** Runs again whenever `run` throws or returns, with growing delays, until aborted. Logs the first failure of a row. */
export async function supervise(
  options: SuperviseOptions,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { name, clock, log, signal, healthyAfterMs = 10_000 } = options;
  const backoff = createBackoff(options.backoff);
  let failures = 0;
  while (!isAborted(signal)) {
    const startedAt = clock.monotonic();
    try {
      await run(signal);
    } catch (error) {
      if (isAborted(signal)) return;
      failures += 1;
      const fields = { err: error, part: name, failures };
      if (failures === 1) log.warn(fields, "part failed, restarting");
      else log.debug(fields, "part failed again, restarting");
    }
    if (isAborted(signal)) return;
    if (clock.monotonic() - startedAt >= healthyAfterMs) {
      backoff.reset();
      failures = 0;
    }
    await sleep(clock, backoff.next(), signal).catch(() => undefined);
  }
}
