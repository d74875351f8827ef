/**
 * User-defined inputs and outputs with PiKVM's meaning (PiKVM API 4.6, 5.3). Deliberately different: constant outputs
 * are left out of the menu (15, Q7), and a channel that cannot work as configured is shown offline instead of keeping
 * the program from starting.
 */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { GpioConfig } from "../../config/schema.ts";
import type { GpioBank } from "../../platform/gpio/port.ts";
import type { DatagramSender } from "../../platform/net/port.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import { parseView } from "../../protocol/kvmd/gpio-view.ts";
import type { Subsystem } from "../subsystem.ts";
import type { DriverEnvironment, GpioDriver } from "./driver.ts";
import { createOfflineDriver } from "./drivers/offline.ts";
import { GpioChannelNotFoundError } from "./gpio-errors.ts";
import type { GpioModel, GpioState } from "./gpio-state.ts";
import { InputChannel } from "./input-channel.ts";
import { OutputChannel } from "./output-channel.ts";
import { planGpio } from "./plan.ts";
import type { GpioPlan, PlannedChannel } from "./plan.ts";
import { describeScheme, isConstant } from "./scheme.ts";

export interface GpioRequestOptions {
  /** True: the promise settles after the operation and its rest, and rejects when it failed. False: as soon as the channel is taken. */
  readonly wait: boolean;
}

/** Operations go on whatever happens to their caller, and end at once when the owner closes; a pulse always ends off. */
export interface UserGpio extends Subsystem<GpioState> {
  readonly model: GpioModel;
  /** Rejects with `GpioChannelNotFoundError`, `GpioSwitchNotSupportedError`, `GpioChannelBusyError`, and with `wait` also `GpioDriverOfflineError`. */
  switch(channel: string, active: boolean, options: GpioRequestOptions): Promise<void>;
  /** `delaySeconds` 0 stands for the channel's default; others are cut to its limits. Rejects like `switch`. */
  pulse(channel: string, delaySeconds: number, options: GpioRequestOptions): Promise<void>;
}

export interface UserGpioOptions {
  readonly config: GpioConfig;
  readonly bank: GpioBank;
  readonly datagrams: DatagramSender;
  readonly process: ProcessRunner;
  readonly clock: Clock;
  readonly log: Logger;
  /** Chip of line drivers that name none. */
  readonly defaultChip?: string;
}

const DEFAULT_CHIP = "gpiochip0";

class ChannelBoard implements UserGpio {
  readonly name = "gpio";
  readonly model: GpioModel;
  readonly #environment: DriverEnvironment;
  readonly #plan: GpioPlan;
  readonly #inputs: InputChannel[] = [];
  readonly #outputs = new Map<string, OutputChannel>();
  readonly #state;

  constructor(options: UserGpioOptions) {
    const { config, defaultChip = DEFAULT_CHIP } = options;
    this.#environment = { ...options, defaultChip, allowCommands: config.allowCommands };
    this.#plan = planGpio(config);
    const scheme = describeScheme(this.#plan.channels.map(({ spec }) => spec));
    this.model = { scheme, view: parseView(config.view, scheme) };
    this.#createChannels();
    this.#state = createStore<GpioState>({
      inputs: Object.fromEntries(
        this.#inputs.map((channel) => [channel.spec.name, channel.state.value]),
      ),
      outputs: Object.fromEntries(
        this.#visibleOutputs().map((channel) => [channel.spec.name, channel.state.value]),
      ),
    });
  }

  get state(): Store<GpioState> {
    return this.#state;
  }

  start(scope: Scope): Promise<void> {
    const { log } = this.#environment;
    for (const problem of this.#plan.problems) log.error(problem, "GPIO configuration is wrong");
    for (const input of this.#inputs) {
      input.state.subscribe((next) => {
        const { inputs, outputs } = this.#state.value;
        this.#state.set({ inputs: { ...inputs, [input.spec.name]: next }, outputs });
      });
      input.start(scope, this.#environment);
    }
    for (const output of this.#visibleOutputs()) {
      output.state.subscribe((next) => {
        const { inputs, outputs } = this.#state.value;
        this.#state.set({ inputs, outputs: { ...outputs, [output.spec.name]: next } });
      });
    }
    for (const output of this.#outputs.values()) output.start(scope);
    return Promise.resolve();
  }

  async finish(): Promise<void> {
    await Promise.all(Array.from(this.#outputs.values(), (output) => output.finish()));
  }

  async switch(channel: string, active: boolean, { wait }: GpioRequestOptions): Promise<void> {
    await this.#find(channel).switch(active, wait);
  }

  async pulse(channel: string, delaySeconds: number, { wait }: GpioRequestOptions): Promise<void> {
    await this.#find(channel).pulse(delaySeconds, wait);
  }

  #find(channel: string): OutputChannel {
    const found = this.#outputs.get(channel);
    if (found === undefined) throw new GpioChannelNotFoundError();
    return found;
  }

  #visibleOutputs(): readonly OutputChannel[] {
    return [...this.#outputs.values()].filter((channel) => !isConstant(channel.spec));
  }

  #createChannels(): void {
    const drivers = new Map(
      [...this.#plan.drivers].map(([name, { build }]) => [name, build(this.#environment)] as const),
    );
    for (const channel of this.#plan.channels) {
      const driver = this.#driverOf(channel, drivers);
      const { spec } = channel;
      if (spec.mode === "input") this.#inputs.push(new InputChannel(spec, driver));
      else this.#outputs.set(spec.name, new OutputChannel(spec, driver, this.#environment));
    }
  }

  #driverOf(
    { spec, problem }: PlannedChannel,
    drivers: ReadonlyMap<string, GpioDriver>,
  ): GpioDriver {
    if (problem !== undefined) return createOfflineDriver(problem);
    return drivers.get(spec.driver) ?? createOfflineDriver(`driver '${spec.driver}' is missing`);
  }
}

export function createUserGpio(options: UserGpioOptions): UserGpio {
  return new ChannelBoard(options);
}
