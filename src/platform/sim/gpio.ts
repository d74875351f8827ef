import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore, Unsubscribe } from "../../core/store.ts";
import { createDebouncedLevel } from "../gpio/debounced-level.ts";
import { GpioLineError } from "../gpio/port.ts";
import type {
  GpioBank,
  GpioChipInfo,
  InputLine,
  InputOptions,
  OutputLine,
  OutputOptions,
  PinRef,
} from "../gpio/port.ts";
import type { TargetPc } from "./target-pc.ts";

export const SIM_GPIO_CHIP = "sim";
export const SIM_GPIO_LINES = 32;
const LABEL = "simulated-board";

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
  /** Called with every level an output drives, repeats included. */
  onDriven(listener: (line: number, level: boolean) => void): Unsubscribe;
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

  readonly #wired = new Set<number>();
  /** Those of them that the computer drives. */
  readonly #driven = new Set<number>();
  readonly #watchers = new Set<(line: number, level: boolean) => void>();

  constructor(clock: Clock, target: TargetPc | undefined) {
    this.#clock = clock;
    if (target !== undefined) this.#connect(target);
  }

  #connect(target: TargetPc): void {
    const { powerSwitch, resetSwitch, powerLed, hddLed } = SIM_ATX_PINS;
    const showLeds = (): void => {
      const { value } = target.state;
      this.#wireOf(powerLed.line).set(value.powerLed);
      this.#wireOf(hddLed.line).set(value.hddLed);
    };
    for (const pin of Object.values(SIM_ATX_PINS)) this.#wired.add(pin.line);
    this.#driven.add(powerLed.line).add(hddLed.line);
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
    const chip = { name: SIM_GPIO_CHIP, label: LABEL, lines: SIM_GPIO_LINES };
    return Promise.resolve([chip]);
  }

  output(pin: PinRef, options: OutputOptions): Promise<OutputLine> {
    return attempt(() => this.#holdOutput(pin, options));
  }

  #holdOutput(pin: PinRef, options: OutputOptions): OutputLine {
    const { initial, activeLow, keepLevelOnClose = false } = options;
    const wire = this.#claim(pin);
    if (this.#driven.has(pin.line)) throw refusal(pin.line, "is driven by the computer");
    let isOpen = true;
    const write = (active: boolean): void => {
      if (!isOpen) throw refusal(pin.line, "has been released");
      this.#drive(pin.line, wire, active !== activeLow);
    };
    const close = (): void => {
      if (!isOpen) return;
      if (!keepLevelOnClose) write(false);
      isOpen = false;
      this.#held.delete(pin.line);
    };
    this.#held.set(pin.line, { direction: "output", close: () => attempt(close) });
    if (initial === undefined) this.#drive(pin.line, wire, wire.value);
    else write(initial);
    return {
      write: (active) =>
        attempt(() => {
          write(active);
        }),
      read: () => Promise.resolve(wire.value !== activeLow),
      close: () => attempt(close),
    };
  }

  input(pin: PinRef, options: InputOptions): Promise<InputLine> {
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

  onDriven(listener: (line: number, level: boolean) => void): Unsubscribe {
    this.#watchers.add(listener);
    return () => {
      this.#watchers.delete(listener);
    };
  }

  async close(): Promise<void> {
    for (const line of this.#held.values()) await line.close();
  }

  level(line: number): boolean {
    return this.#wireOf(line).value;
  }

  drive(line: number, level: boolean): void {
    if (this.#wired.has(line)) throw refusal(line, "is wired to the computer");
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

  #drive(line: number, wire: MutableStore<boolean>, level: boolean): void {
    for (const watch of this.#watchers) watch(line, level);
    wire.set(level);
  }

  #claim(pin: PinRef): MutableStore<boolean> {
    if (pin.chip !== SIM_GPIO_CHIP && pin.chip !== LABEL)
      throw new GpioLineError(`There is no GPIO chip ${pin.chip}`);
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

/** Lines, those of `SIM_ATX_PINS` wired to the computer if there is one. Missing and taken lines are refused with `GpioLineError`. */
export function createSimGpio(clock: Clock, target?: TargetPc): SimGpioBank {
  return new SimGpio(clock, target);
}
