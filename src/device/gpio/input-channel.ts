import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { DriverEnvironment, DriverInput, GpioDriver } from "./driver.ts";
import type { GpioInputState } from "./gpio-state.ts";
import { keepOpen } from "./kept.ts";
import type { InputChannelSpec } from "./scheme.ts";

/** One input: its driver's level, and whether the driver can be used. */
export class InputChannel {
  readonly spec: InputChannelSpec;
  readonly #driver: GpioDriver;
  readonly #state = createStore<GpioInputState>({ online: false, state: false });

  constructor(spec: InputChannelSpec, driver: GpioDriver) {
    this.spec = spec;
    this.#driver = driver;
  }

  get state(): Store<GpioInputState> {
    return this.#state;
  }

  start(scope: Scope, { clock, log }: DriverEnvironment): void {
    const kept = keepOpen(scope, {
      name: `gpio ${this.spec.name}`,
      clock,
      log,
      open: () => this.#driver.openInput(this.spec),
    });
    let unfollow: readonly Unsubscribe[] = [];
    kept.state.subscribe(({ resource }) => {
      for (const stop of unfollow) stop();
      unfollow = resource === undefined ? [] : this.#follow(resource);
      if (resource === undefined) this.#state.set({ ...this.#state.value, online: false });
    });
  }

  #follow(input: DriverInput): readonly Unsubscribe[] {
    const publish = (): void => {
      const state = input.level.value;
      this.#state.set({ online: input.isOnline?.value ?? true, state });
    };
    publish();
    const stopLevel = input.level.subscribe(publish);
    const stopOnline = input.isOnline?.subscribe(publish);
    return stopOnline === undefined ? [stopLevel] : [stopLevel, stopOnline];
  }
}
