import { clamp } from "../../core/bytes.ts";
import { sleep } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import { GpioLineError } from "../../platform/gpio/port.ts";
import type { DriverEnvironment, DriverOutput, GpioDriver } from "./driver.ts";
import {
  GpioChannelBusyError,
  GpioDriverOfflineError,
  GpioPulseNotSupportedError,
  GpioSwitchNotSupportedError,
} from "./gpio-errors.ts";
import type { GpioOutputState } from "./gpio-state.ts";
import { keepOpen } from "./kept.ts";
import type { Kept } from "./kept.ts";
import type { OutputChannelSpec } from "./scheme.ts";

function isCancelled(error: unknown): boolean {
  return error instanceof AppError && error.kind === "cancelled";
}

/** One output: an operation at a time, each followed by a rest; a pulse ends low whatever happens. */
export class OutputChannel {
  readonly spec: OutputChannelSpec;
  readonly #driver: GpioDriver;
  readonly #environment: DriverEnvironment;
  readonly #state = createStore<GpioOutputState>({ online: false, state: false, busy: false });
  #kept: Kept<DriverOutput> | undefined;
  #signal: AbortSignal | undefined;
  #running: Promise<void> | undefined;
  #isFinishing = false;
  /** The last operation failed although the driver is open, as with a program that ends badly. */
  #hasFailed = false;

  constructor(spec: OutputChannelSpec, driver: GpioDriver, environment: DriverEnvironment) {
    this.spec = spec;
    this.#driver = driver;
    this.#environment = environment;
  }

  get state(): Store<GpioOutputState> {
    return this.#state;
  }

  start(scope: Scope): void {
    const { clock, log } = this.#environment;
    this.#signal = scope.signal;
    this.#kept = keepOpen(scope, {
      name: `gpio ${this.spec.name}`,
      clock,
      log,
      open: () => this.#driver.openOutput(this.spec),
    });
    this.#kept.state.subscribe(() => {
      void this.#refresh();
    });
    // Runs before the driver closes: an operation under way ends first.
    scope.defer(async () => {
      await this.#running?.catch(() => undefined);
    });
  }

  /** See `Subsystem.finish`. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#running?.catch(() => undefined);
  }

  /** See `UserGpio.switch`. */
  async switch(active: boolean, wait: boolean): Promise<void> {
    if (!this.spec.canSwitch) throw new GpioSwitchNotSupportedError();
    await this.#run(wait, () => this.#write(active));
  }

  /** See `UserGpio.pulse`. */
  async pulse(delaySeconds: number, wait: boolean): Promise<void> {
    const { pulse } = this.spec;
    if (pulse === null) throw new GpioPulseNotSupportedError();
    const seconds = delaySeconds > 0 ? clamp(delaySeconds, pulse.min, pulse.max) : pulse.delay;
    await this.#run(wait, async () => {
      try {
        await this.#write(true);
        await sleep(this.#environment.clock, seconds * 1000, this.#signal);
      } finally {
        await this.#write(false);
      }
    });
  }

  async #run(wait: boolean, operation: () => Promise<void>): Promise<void> {
    if (this.#isFinishing || this.#isBusy()) throw new GpioChannelBusyError();
    const { clock, log } = this.#environment;
    const perform = async (): Promise<void> => {
      try {
        await operation();
        await sleep(clock, this.spec.busyDelayMs, this.#signal);
      } finally {
        this.#running = undefined;
        await this.#refresh();
      }
    };
    const running = perform();
    this.#running = running;
    this.#state.set({ online: true, state: false, busy: true });
    if (wait) {
      await running;
      return;
    }
    running.catch((error: unknown) => {
      if (isCancelled(error)) return;
      log.warn({ err: error, channel: this.spec.name }, "GPIO operation failed");
    });
  }

  async #write(active: boolean): Promise<void> {
    const { resource, error: reason = "not opened yet" } = this.#kept?.state.value ?? {};
    if (resource === undefined) {
      const cause = new GpioLineError(reason ?? "closed");
      throw new GpioDriverOfflineError(this.spec.driver, { cause });
    }
    try {
      await resource.write(active);
      this.#hasFailed = false;
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (error instanceof GpioLineError) this.#kept?.reopen(error);
      else this.#hasFailed = true;
      throw new GpioDriverOfflineError(this.spec.driver, { cause: error });
    }
  }

  /** Publishes what the driver says, unless an operation is going on, which publishes at its end. */
  async #refresh(): Promise<void> {
    if (this.#running !== undefined) return;
    const next = await this.#look();
    // An operation may have begun while the driver answered.
    if (this.#isBusy()) return;
    this.#state.set(next);
  }

  #isBusy(): boolean {
    return this.#running !== undefined;
  }

  async #look(): Promise<GpioOutputState> {
    const resource = this.#kept?.state.value.resource;
    const known = this.#state.value;
    const offline = { online: false, state: known.busy ? false : known.state, busy: false };
    if (resource === undefined) return offline;
    try {
      const state = await resource.read();
      return { online: !this.#hasFailed, state, busy: false };
    } catch (error) {
      this.#environment.log.debug({ err: error, channel: this.spec.name }, "GPIO output unread");
      return offline;
    }
  }
}
