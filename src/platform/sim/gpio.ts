import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore } from "../../core/store.ts";
import { createDebouncedLevel } from "../gpio/debounced-level.ts";
import { GpioLineError } from "../gpio/port.ts";
import type { GpioBank, GpioChipInfo, InputLine, OutputLine, PinRef } from "../gpio/port.ts";
import type { TargetPc } from "./target-pc.ts";

export const SIM_GPIO_CHIP = "sim";
export const SIM_GPIO_LINES = 32;

/** How the simulated board is wired to its computer: active high, outputs press, inputs follow the lights. */
export const SIM_ATX_PINS = {
  powerSwitch: { chip: SIM_GPIO_CHIP, line: 0 },
  resetSwitch: { chip: SIM_GPIO_CHIP, line: 1 },
  powerLed: { chip: SIM_GPIO_CHIP, line: 2 },
  hddLed: { chip: SIM_GPIO_CHIP, line: 3 },
} as const satisfies Record<string, PinRef>;

/** Lines from here on are connected to nothing. */
export const SIM_FREE_LINE = 4;

/** The simulated lines and, beside the port, their other end. */
export interface SimGpioBank extends GpioBank {
  readonly kind: "sim";
  /** The electrical level of a line. */
  level(line: number): boolean;
  /** Drives a free line from outside. Throws `GpioLineError` for a line that is not free, or held as an output. */
  drive(line: number, level: boolean): void;
  /** A wire from one free line to another: `to` follows `from` until the returned function cuts it. */
  wire(from: number, to: number): () => void;
}

interface HeldLine {
  readonly direction: "output" | "input";
  close(): Promise<void>;
}

function refusal(line: number, problem: string): GpioLineError {
  return new GpioLineError(`Line ${line} of GPIO chip ${SIM_GPIO_CHIP} ${problem}`);
}

/** Promise-returning ports report failures by rejecting, even those known at once. */
function attempt<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(action());
  });
}

class SimGpio implements SimGpioBank {
  readonly kind = "sim";
  readonly #clock: Clock;
  readonly #levels = Array.from({ length: SIM_GPIO_LINES }, () => createStore(false));
  readonly #held = new Map<number, HeldLine>();

  constructor(clock: Clock, target: TargetPc) {
    this.#clock = clock;
    const { powerSwitch, resetSwitch, powerLed, hddLed } = SIM_ATX_PINS;
    const showLeds = (): void => {
      const { value } = target.state;
      this.#wireOf(powerLed.line).set(value.powerLed);
      this.#wireOf(hddLed.line).set(value.hddLed);
    };
    showLeds();
    target.state.subscribe(showLeds);
    this.#wireOf(powerSwitch.line).subscribe((level) => {
      target.setPowerSwitch(level);
    });
    this.#wireOf(resetSwitch.line).subscribe((level) => {
      target.setResetSwitch(level);
    });
  }

  chips(): Promise<readonly GpioChipInfo[]> {
    const chip = { name: SIM_GPIO_CHIP, label: "simulated-board", lines: SIM_GPIO_LINES };
    return Promise.resolve([chip]);
  }

  output(
    pin: PinRef,
    options: { readonly initial: boolean | undefined; readonly activeLow: boolean },
  ): Promise<OutputLine> {
    return attempt(() => {
      const isLed =
        pin.line === SIM_ATX_PINS.powerLed.line || pin.line === SIM_ATX_PINS.hddLed.line;
      if (isLed) throw refusal(pin.line, "is driven by the computer");
      return this.#holdOutput(pin, options.initial, options.activeLow);
    });
  }

  #holdOutput(pin: PinRef, initial: boolean | undefined, activeLow: boolean): OutputLine {
    const wire = this.#claim(pin);
    let isOpen = true;
    const write = (active: boolean): void => {
      if (!isOpen) throw refusal(pin.line, "has been released");
      wire.set(active !== activeLow);
    };
    const close = (): void => {
      if (!isOpen) return;
      write(false);
      isOpen = false;
      this.#held.delete(pin.line);
    };
    this.#held.set(pin.line, { direction: "output", close: () => attempt(close) });
    if (initial !== undefined) write(initial);
    return {
      write: (active) =>
        attempt(() => {
          write(active);
        }),
      read: () => Promise.resolve(wire.value !== activeLow),
      close: () => attempt(close),
    };
  }

  input(
    pin: PinRef,
    options: { readonly activeLow: boolean; readonly debounceMs: number },
  ): Promise<InputLine> {
    return attempt(() => {
      const wire = this.#claim(pin);
      const { activeLow, debounceMs } = options;
      const debounced = createDebouncedLevel(this.#clock, wire.value !== activeLow, debounceMs);
      const unsubscribe = wire.subscribe((level) => {
        debounced.observe(level !== activeLow);
      });
      let isOpen = true;
      const close = (): void => {
        if (!isOpen) return;
        isOpen = false;
        unsubscribe();
        debounced.stop();
        this.#held.delete(pin.line);
      };
      this.#held.set(pin.line, { direction: "input", close: () => attempt(close) });
      return { level: debounced.level, close: () => attempt(close) };
    });
  }

  async close(): Promise<void> {
    for (const line of this.#held.values()) await line.close();
  }

  level(line: number): boolean {
    return this.#wireOf(line).value;
  }

  drive(line: number, level: boolean): void {
    if (line < SIM_FREE_LINE) throw refusal(line, "is wired to the computer");
    if (this.#held.get(line)?.direction === "output") throw refusal(line, "is held as an output");
    this.#wireOf(line).set(level);
  }

  wire(from: number, to: number): () => void {
    this.drive(to, this.level(from));
    return this.#wireOf(from).subscribe((level) => {
      // Somebody may have taken the far end as an output meanwhile: then that output wins.
      if (this.#held.get(to)?.direction !== "output") this.#wireOf(to).set(level);
    });
  }

  #claim(pin: PinRef): MutableStore<boolean> {
    if (pin.chip !== SIM_GPIO_CHIP) throw new GpioLineError(`There is no GPIO chip ${pin.chip}`);
    const wire = this.#wireOf(pin.line);
    if (this.#held.has(pin.line)) throw refusal(pin.line, "is taken");
    return wire;
  }

  #wireOf(line: number): MutableStore<boolean> {
    const wire = this.#levels[line];
    if (wire === undefined) throw refusal(line, "does not exist");
    return wire;
  }
}

/** Lines whose ATX part is wired to the computer. Missing and taken lines are refused with `GpioLineError`. */
export function createSimGpio(clock: Clock, target: TargetPc): SimGpioBank {
  return new SimGpio(clock, target);
}
