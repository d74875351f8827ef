import type { DevicePart } from "../config/extent.ts";
import type { DeviceConfig } from "../config/schema.ts";
import type { Logger } from "../core/log.ts";
import { createScope } from "../core/scope.ts";
import type { Scope } from "../core/scope.ts";
import { createStandIn } from "../core/stand-in.ts";
import type { StandIn } from "../core/stand-in.ts";

export interface RenewableOptions<P extends object> {
  readonly name: DevicePart;
  readonly log: Logger;
  readonly config: DeviceConfig;
  /** Builds a part that does nothing yet. */
  readonly make: (config: DeviceConfig) => P;
  readonly start: (part: P, scope: Scope) => Promise<void>;
  /** See `Subsystem.finish`. */
  readonly finish?: (part: P) => Promise<void>;
}

/** One change of a part for another, in steps that the parts which share something take together. */
interface Succession {
  readonly finish: () => Promise<void>;
  /** From here on everybody reaches the successor. */
  readonly exchange: () => void;
  readonly close: () => Promise<void>;
  readonly start: () => Promise<void>;
}

/** A part of the device that can begin anew with other settings, while everybody keeps the object they were given. */
export class Renewable<P extends object> {
  readonly name: DevicePart;
  readonly #options: RenewableOptions<P>;
  readonly #standIn: StandIn<P>;
  #present: P;
  /** The whole time of the device, and the life of the present part in it. */
  #time: Scope | undefined;
  #life: Scope | undefined;

  constructor(options: RenewableOptions<P>) {
    this.name = options.name;
    this.#options = options;
    this.#present = options.make(options.config);
    this.#standIn = createStandIn(this.#present);
  }

  /** Stays the same for ever. */
  get part(): P {
    return this.#standIn.part;
  }

  start(scope: Scope): Promise<void> {
    this.#time = scope;
    scope.defer(() => this.#life?.close());
    return this.#begin();
  }

  /** Builds the successor; nothing else happens before its steps are taken. */
  successor(config: DeviceConfig): Succession {
    const { make, finish } = this.#options;
    const next = make(config);
    const [former, life] = [this.#present, this.#life];
    return {
      finish: async () => {
        await finish?.(former);
      },
      exchange: () => {
        this.#exchange(next);
      },
      close: () => this.#close(life),
      start: () => this.#begin(),
    };
  }

  /** Whoever cannot take what it is told must not keep the next part from working. */
  #exchange(next: P): void {
    const { name, log } = this.#options;
    this.#present = next;
    try {
      this.#standIn.exchange(next);
    } catch (error) {
      log.error(
        { err: error, part: name },
        "The exchange of a part could not be told to everybody",
      );
    }
  }

  async #begin(): Promise<void> {
    const { name, log, start } = this.#options;
    // The device may have ended while the former part was closed.
    if (this.#time?.signal.aborted !== false) return;
    this.#life = createScope(name, log);
    await start(this.#present, this.#life);
  }

  /** What a former part could not release must not keep the next one from working. */
  async #close(life: Scope | undefined): Promise<void> {
    const { name, log } = this.#options;
    try {
      await life?.close();
    } catch (error) {
      log.warn({ err: error, part: name }, "A former part did not end cleanly");
    }
  }
}

/** What the parts have in common, whatever they are. */
export type AnyRenewable = Pick<Renewable<object>, "name" | "start" | "successor">;

/**
 * Exchanges parts together: those that use others end before these. Commands go to a successor before its predecessor
 * closes, so that nothing can be pressed on what lets go of everything. One that cannot start keeps no other from it.
 * Rejects with the first failure.
 */
async function succeed(successions: readonly Succession[]): Promise<void> {
  await Promise.all(successions.map(({ finish }) => finish()));
  for (const { exchange, close } of successions.toReversed()) {
    exchange();
    await close();
  }
  const started = await Promise.allSettled(successions.map(({ start }) => start()));
  const failed = started.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/**
 * Gives the parts, in the order in which they start, other settings; all of them get the former ones again when one
 * cannot start with the new. Rejects with the reason then.
 */
export async function renew(
  parts: readonly AnyRenewable[],
  next: DeviceConfig,
  former: DeviceConfig,
): Promise<void> {
  const successions = parts.map((part) => part.successor(next));
  try {
    await succeed(successions);
  } catch (error) {
    await succeed(parts.map((part) => part.successor(former)));
    throw error;
  }
}
