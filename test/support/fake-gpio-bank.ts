import { createDebouncedLevel } from "../../src/platform/gpio/debounced-level.ts";
import { GpioLineError } from "../../src/platform/gpio/port.ts";
import type { GpioBank, PinRef } from "../../src/platform/gpio/port.ts";
import type { FakeClock } from "./fake-clock.ts";
import { applyOutside, drive, fakeChip, levelOf, lineAt } from "./fake-gpio.ts";
import type { FakeLine } from "./fake-gpio.ts";

/** One chip of 32 lines, `gpiochip0`, whose answers need nothing but promises. */
export interface FakeBank {
  readonly bank: GpioBank;
  apply(line: number, level: boolean): void;
  levelOf(line: number): boolean;
  /** Physical levels driven so far, without repeats. */
  history(line: number): readonly boolean[];
  /** Somebody else takes the line, or gives it back. */
  occupy(line: number, isTaken: boolean): void;
  isHeld(line: number): boolean;
  /** Every write fails from now on, or works again. */
  breakWrites(areBroken: boolean): void;
}

export function fakeBank(clock: FakeClock): FakeBank {
  const chip = fakeChip("gpiochip0", "pinctrl-test", 32);
  const held = new Set<{ close(): Promise<void> }>();
  const faults = { areWritesBroken: false };

  const take = async (pin: PinRef): Promise<FakeLine> => {
    await Promise.resolve();
    const isKnown = ["gpiochip0", "/dev/gpiochip0", "pinctrl-test"].includes(pin.chip);
    if (!isKnown || pin.line >= 32) throw new GpioLineError(`no ${pin.chip} ${pin.line}`);
    const line = lineAt(chip, pin.line);
    if (line.holder !== undefined) throw new GpioLineError(`line ${pin.line} is taken`);
    line.holder = "test";
    return line;
  };

  const hold = <T extends object>(line: FakeLine, face: T, last: () => void) => {
    const kept = {
      ...face,
      close() {
        if (!held.delete(kept)) return Promise.resolve();
        last();
        line.holder = undefined;
        return Promise.resolve();
      },
    };
    held.add(kept);
    return kept;
  };

  const bank: GpioBank = {
    kind: "chardev",
    chips: () => Promise.resolve([{ name: "gpiochip0", label: "pinctrl-test", lines: 32 }]),
    async output(pin, { initial, activeLow, keepLevelOnClose = false }) {
      const line = await take(pin);
      drive(line, initial === undefined ? levelOf(line) : initial !== activeLow);
      const demand = (): void => {
        if (!held.has(output)) throw new GpioLineError("closed");
        if (faults.areWritesBroken) throw new GpioLineError("broken");
      };
      const output = hold(
        line,
        {
          async write(active: boolean) {
            demand();
            drive(line, active !== activeLow);
            await Promise.resolve();
          },
          async read() {
            await Promise.resolve();
            return levelOf(line) !== activeLow;
          },
        },
        () => {
          if (!keepLevelOnClose) drive(line, activeLow);
        },
      );
      return output;
    },
    async input(pin, { activeLow, debounceMs }) {
      const line = await take(pin);
      line.direction = "in";
      const debounced = createDebouncedLevel(clock, levelOf(line) !== activeLow, debounceMs);
      const watcher = (): void => {
        debounced.observe(levelOf(line) !== activeLow);
      };
      line.watchers.add(watcher);
      return hold(line, { level: debounced.level }, () => {
        debounced.stop();
        line.watchers.delete(watcher);
      });
    },
    async close() {
      await Promise.all([...held].map((line) => line.close()));
    },
  };
  return {
    bank,
    apply(line, level) {
      applyOutside(lineAt(chip, line), level);
    },
    levelOf: (line) => levelOf(lineAt(chip, line)),
    history: (line) => lineAt(chip, line).history,
    occupy(line, isTaken) {
      lineAt(chip, line).holder = isTaken ? "somebody" : undefined;
    },
    isHeld: (line) => lineAt(chip, line).holder === "test",
    breakWrites(areBroken) {
      faults.areWritesBroken = areBroken;
    },
  };
}
