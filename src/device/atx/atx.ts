/**
 * Power and reset buttons with PiKVM's meaning (PiKVM API 4.4, hardware facts 5.4). Deliberately different: a short
 * press is configurable, buttons may be active low, and an action that depends on a power LED which is wired but
 * cannot be read is refused instead of guessing.
 */
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { AtxConfig } from "../../config/schema.ts";
import type { GpioBank, OutputLine } from "../../platform/gpio/port.ts";
import type { Kept } from "../gpio/kept.ts";
import type { Subsystem } from "../subsystem.ts";
import { AtxBusyError, AtxDisabledError, AtxLineUnavailableError } from "./atx-errors.ts";
import { isAtxEnabled, openAtxLines } from "./atx-lines.ts";
import type { AtxLines, AtxRegion } from "./atx-lines.ts";
import type { AtxAction, AtxButton, AtxState } from "./atx-state.ts";

export interface AtxRequestOptions {
  /** True: the promise settles after the press and its rest. False: as soon as the line is taken. */
  readonly wait: boolean;
}

/**
 * The front panel of the computer. A press goes on whatever happens to its caller, and ends at once when the owner
 * closes; the line is let go in every case.
 */
export interface Atx extends Subsystem<AtxState> {
  /** Presses the button that the action needs, or does nothing when the computer is in that state already. Rejects like `click`. */
  power(action: AtxAction, options: AtxRequestOptions): Promise<void>;
  /** Rejects with `AtxBusyError`, `AtxDisabledError`, `AtxLineUnavailableError`, and with `wait` also when the press fails. */
  click(button: AtxButton, options: AtxRequestOptions): Promise<void>;
}

export interface AtxOptions {
  /** With the board's pins filled in. */
  readonly config: AtxConfig;
  readonly gpio: GpioBank;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A line rests after each press before the next one may begin. */
const REST_MS = 1000;

const BUTTON_OF_ACTION: Readonly<Record<AtxAction, AtxButton>> = {
  on: "power",
  off: "power",
  off_hard: "power_long",
  reset_hard: "reset",
};

class FrontPanel implements Atx {
  readonly name = "atx";
  readonly #options: AtxOptions;
  readonly #state;
  readonly #presses = new Set<Promise<void>>();
  #lines: AtxLines | undefined;
  #isFinishing = false;
  #signal: AbortSignal | undefined;

  constructor(options: AtxOptions) {
    this.#options = options;
    this.#state = createStore<AtxState>({
      enabled: isAtxEnabled(options.config),
      acts: { power: false, reset: false },
      leds: { power: false, hdd: false },
      lastError: null,
    });
  }

  get state(): Store<AtxState> {
    return this.#state;
  }

  start(scope: Scope): Promise<void> {
    if (!this.#state.value.enabled) return Promise.resolve();
    this.#signal = scope.signal;
    this.#lines = openAtxLines(scope, this.#options, {
      onLed: (led, isLit) => {
        const { leds } = this.#state.value;
        this.#state.set({ ...this.#state.value, leds: { ...leds, [led]: isLit } });
      },
      onProblem: (lastError) => {
        this.#state.set({ ...this.#state.value, lastError });
      },
    });
    // Runs before the lines close: presses under way let go of them first.
    scope.defer(async () => {
      await Promise.allSettled(this.#presses);
    });
    return Promise.resolve();
  }

  async finish(): Promise<void> {
    this.#isFinishing = true;
    await Promise.allSettled(this.#presses);
  }

  async power(action: AtxAction, options: AtxRequestOptions): Promise<void> {
    this.#demandEnabled();
    const ledProblem = this.#lines?.powerLedProblem();
    if (ledProblem !== undefined) {
      throw new AtxLineUnavailableError(`Whether the computer is on is unknown: ${ledProblem}`);
    }
    const isOn = this.#state.value.leds.power;
    if ((action === "on") === isOn) {
      this.#options.log.debug({ action, isOn }, "ATX action has nothing to do");
      return;
    }
    await this.click(BUTTON_OF_ACTION[action], options);
  }

  async click(button: AtxButton, { wait }: AtxRequestOptions): Promise<void> {
    this.#demandEnabled();
    const region: AtxRegion = button === "reset" ? "reset" : "power";
    if (this.#isFinishing || this.#state.value.acts[region]) throw new AtxBusyError();
    const { kept, line } = this.#takeLine(region);
    const { clickSeconds, longClickSeconds } = this.#options.config;
    const holdMs = (button === "power_long" ? longClickSeconds : clickSeconds) * 1000;
    this.#setBusy(region, true);
    this.#options.log.info({ button, holdMs }, "ATX button pressed");
    const press = this.#press(line, kept, holdMs).finally(() => {
      this.#presses.delete(press);
      this.#setBusy(region, false);
    });
    this.#presses.add(press);
    if (wait) {
      await press;
      return;
    }
    press.catch((error: unknown) => {
      if (error instanceof AppError && error.kind === "cancelled") return;
      this.#options.log.warn({ err: error, button }, "ATX press failed");
    });
  }

  #demandEnabled(): void {
    if (!this.#state.value.enabled) throw new AtxDisabledError();
  }

  #takeLine(region: AtxRegion): { kept: Kept<OutputLine>; line: OutputLine } {
    if (this.#lines === undefined) throw new AtxLineUnavailableError("The lines are not open yet");
    const kept = this.#lines.switches[region];
    if (kept === undefined) {
      throw new AtxLineUnavailableError(`No line is configured for the ${region} switch`);
    }
    const { resource, error } = kept.state.value;
    if (resource === undefined) {
      throw new AtxLineUnavailableError(
        `The ${region} switch cannot be used: ${error ?? "closed"}`,
      );
    }
    return { kept, line: resource };
  }

  async #press(line: OutputLine, kept: Kept<OutputLine>, holdMs: number): Promise<void> {
    try {
      await line.write(true);
      await sleep(this.#options.clock, holdMs, this.#signal);
    } catch (error) {
      if (!(error instanceof AppError && error.kind === "cancelled")) kept.reopen(error);
      throw error;
    } finally {
      await this.#letGo(line, kept);
    }
    await sleep(this.#options.clock, REST_MS, this.#signal);
  }

  async #letGo(line: OutputLine, kept: Kept<OutputLine>): Promise<void> {
    try {
      await line.write(false);
    } catch (error) {
      // Closing and opening the line idles it once more.
      kept.reopen(error);
      this.#options.log.error({ err: error }, "ATX line may still be pressed");
    }
  }

  #setBusy(region: AtxRegion, isBusy: boolean): void {
    const { acts } = this.#state.value;
    this.#state.set({ ...this.#state.value, acts: { ...acts, [region]: isBusy } });
  }
}

export function createAtx(options: AtxOptions): Atx {
  return new FrontPanel(options);
}
