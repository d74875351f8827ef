import { createBackoff } from "../../core/backoff.ts";
import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore, until } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";

export interface KeptState<T> {
  /** Undefined while it cannot be opened. */
  readonly resource: T | undefined;
  /** Why not, for people; null while it is open. */
  readonly error: string | null;
}

/** A line or device that may be missing now and come later. */
export interface Kept<T> {
  readonly state: Store<KeptState<T>>;
  /** Closes the resource, because it failed, and tries to open it anew. */
  reopen(reason: unknown): void;
}

export interface KeepOptions<T> {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  open(): Promise<T>;
}

/** Device nodes get their permissions late in the start of a machine; plugged adapters come at any time. */
const RETRY_STEPS_MS = [500, 1000, 5000, 30_000];

/** Keeps something open until the scope closes, which closes it too. Never rejects: absence is state. */
export function keepOpen<T extends { close(): Promise<void> }>(
  scope: Scope,
  options: KeepOptions<T>,
): Kept<T> {
  const { name, clock, log } = options;
  const state = createStore<KeptState<T>>(
    { resource: undefined, error: "not opened yet" },
    Object.is,
  );
  const backoff = createBackoff({ stepsMs: RETRY_STEPS_MS });

  const fail = (error: unknown): void => {
    if (state.value.error !== describeError(error)) {
      log.warn({ err: error, part: name }, "part cannot be used");
    }
    state.set({ resource: undefined, error: describeError(error) });
  };

  const close = async (resource: T): Promise<void> => {
    await resource.close().catch((error: unknown) => {
      log.warn({ err: error, part: name }, "part did not close");
    });
  };

  const openOnce = async (signal: AbortSignal): Promise<void> => {
    const resource = await options.open();
    if (isAborted(signal)) {
      await close(resource);
      return;
    }
    backoff.reset();
    state.set({ resource, error: null });
    await until(state, (next) => next.resource !== resource, signal);
    await close(resource);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!isAborted(signal)) {
      try {
        await openOnce(signal);
      } catch (error) {
        if (isAborted(signal)) return;
        fail(error);
      }
      await sleep(clock, backoff.next(), signal).catch(() => undefined);
    }
  };

  const running = run(scope.signal);
  scope.defer(async () => {
    await running;
    const { resource } = state.value;
    state.set({ resource: undefined, error: "closed" });
    if (resource !== undefined) await close(resource);
  });
  return { state, reopen: fail };
}
