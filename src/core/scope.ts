import { AppError } from "./errors.ts";
import type { Logger } from "./log.ts";

/** Who owns what. Closing runs releases in reverse order and reports every failure together. */
export interface Scope {
  /** Aborted when closing begins. */
  readonly signal: AbortSignal;
  /** A scope closed with this one, before everything registered earlier here. */
  child(name: string): Scope;
  /** Registers a release; on an already closed scope it runs at once. */
  defer(release: () => void | Promise<void>): void;
  /** Starts work that ends by itself or on abort. A rejection other than cancellation is logged as an error. */
  task(name: string, run: (signal: AbortSignal) => Promise<void>): void;
  /** Idempotent. Rejects with an `AggregateError` when releases failed; all of them have run by then. */
  close(): Promise<void>;
}

export function createScope(name: string, log: Logger): Scope {
  const controller = new AbortController();
  const releases: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | undefined;

  const runReleases = async (): Promise<void> => {
    controller.abort();
    const failures: unknown[] = [];
    for (let release = releases.pop(); release !== undefined; release = releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `Closing ${name} failed`);
  };

  const scope: Scope = {
    signal: controller.signal,
    child(childName) {
      const child = createScope(`${name}/${childName}`, log);
      scope.defer(() => child.close());
      return child;
    },
    defer(release) {
      if (closing === undefined) {
        releases.push(release);
        return;
      }
      void Promise.resolve()
        .then(release)
        .catch((error: unknown) => {
          log.error({ err: error, scope: name }, "late release failed");
        });
    },
    task(taskName, run) {
      const running = run(controller.signal).catch((error: unknown) => {
        if (controller.signal.aborted) return;
        if (error instanceof AppError && error.kind === "cancelled") return;
        log.error({ err: error, scope: name, task: taskName }, "task failed");
      });
      scope.defer(() => running);
    },
    close() {
      closing ??= runReleases();
      return closing;
    },
  };
  return scope;
}
