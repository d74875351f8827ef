import type { SwitchConfig } from "../../config/schema.ts";
import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import type { MutableStore } from "../../core/store.ts";
import { supervise } from "../../core/supervisor.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { LinkClosedError } from "../../platform/serial/port.ts";
import type { SerialBus } from "../../platform/serial/port.ts";
import { CHANNELS } from "../../protocol/switch/messages.ts";
import type { SwitchRequest } from "../../protocol/switch/messages.ts";
import { findUnit } from "./find-unit.ts";
import { SwitchChain } from "./switch-chain.ts";
import type { ChainUnit } from "./switch-chain.ts";
import { isUnitSynced } from "./switch-state.ts";
import type { SwitchState, SwitchUnit } from "./switch-state.ts";
import type { SwitchSettings } from "./switch-settings.ts";

export interface SwitchLinkOptions {
  readonly config: SwitchConfig;
  readonly serial: SerialBus;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** Written here only. */
  readonly state: MutableStore<SwitchState>;
}

const BAUD_RATE = 115_200;
/** How often a missing unit is looked for; looking costs a few system calls. */
const LOOK_EVERY_MS = 10_000;
const BACKOFF = { stepsMs: [1000, 5000, 30_000] };

function isReady(unit: ChainUnit): unit is SwitchUnit {
  return unit.state !== undefined && unit.leds !== undefined;
}

/** Finds the device, keeps a chain on it, and is the only one that writes the state. */
export class SwitchLink {
  readonly #options: SwitchLinkOptions;
  #chain: SwitchChain | undefined;

  constructor(options: SwitchLinkOptions) {
    this.#options = options;
  }

  start(scope: Scope): void {
    const { config, clock, log } = this.#options;
    if (config.serialPath === "") return;
    scope.task("switch", (signal) =>
      supervise({ name: "switch", clock, log, signal, backoff: BACKOFF }, (inner) =>
        this.#serve(inner),
      ),
    );
  }

  /** Ports that are not there are ignored. */
  activate(port: number): void {
    const { state } = this.#options;
    if (port < 0 || port >= (this.#chain?.units.length ?? 0) * CHANNELS) return;
    this.#publish({ ...state.value, activePort: port });
    this.#chain?.adjust();
  }

  /** Units that are not there are ignored. */
  request(unit: number, request: SwitchRequest): void {
    if (unit < (this.#chain?.units.length ?? 0)) this.#chain?.request(unit, request);
  }

  apply(settings: SwitchSettings): void {
    this.#publish({ ...this.#options.state.value, settings });
    this.#chain?.adjust();
  }

  /** Waits until there is a unit. */
  async #find(signal: AbortSignal): Promise<string> {
    const { config, serial, files, clock } = this.#options;
    const { serialPath } = config;
    for (;;) {
      const path = await findUnit({ serialPath, serial, files });
      if (path !== undefined) return path;
      await sleep(clock, LOOK_EVERY_MS, signal);
    }
  }

  async #serve(signal: AbortSignal): Promise<void> {
    const { config, serial, clock, log, state } = this.#options;
    const path = await this.#find(signal);
    const link = await serial.open(path, { baudRate: BAUD_RATE });
    const ended = new AbortController();
    let reason: Error | undefined;
    link.onClose((error) => {
      reason = error ?? new LinkClosedError();
      ended.abort();
    });
    const goal = () => ({ ...state.value, ignoreHpdOnTop: config.ignoreHpdOnTop });
    const onUnits = (units: readonly ChainUnit[]): void => {
      this.#noteUnits(units);
    };
    log.info({ path }, "Switch found");
    const chain = new SwitchChain({ link, clock, log, goal, onUnits });
    this.#chain = chain;
    try {
      await chain.run(AbortSignal.any([signal, ended.signal]));
    } catch (error) {
      if (isAborted(signal)) return;
      throw reason ?? error;
    } finally {
      this.#chain = undefined;
      this.#publish({ ...state.value, online: false, units: [], activePort: -1 });
      await link.close();
    }
  }

  #noteUnits(units: readonly ChainUnit[]): void {
    const { state } = this.#options;
    const ready = units.filter(isReady);
    const isComplete = ready.length === units.length;
    this.#publish({
      ...state.value,
      online: true,
      units: isComplete ? ready.map(({ state: told, leds }) => ({ state: told, leds })) : [],
      activePort: this.#activePortOf(units),
    });
  }

  /** The chosen port, or at first the one that a unit shows. */
  #activePortOf(units: readonly ChainUnit[]): number {
    const { activePort } = this.#options.state.value;
    if (activePort >= 0) return activePort < units.length * CHANNELS ? activePort : -1;
    const unit = units.findIndex(({ state }) => (state?.channel ?? CHANNELS) < CHANNELS);
    const channel = units[unit]?.state?.channel;
    return channel === undefined ? -1 : unit * CHANNELS + channel;
  }

  #publish(next: SwitchState): void {
    const units = this.#chain?.units ?? [];
    const synced = units.every(
      ({ state }, unit) => state !== undefined && isUnitSynced(state, unit, next),
    );
    this.#options.state.set({ ...next, synced });
  }
}
