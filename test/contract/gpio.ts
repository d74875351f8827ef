import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { GpioLineError } from "../../src/platform/gpio/port.ts";
import type { GpioBank } from "../../src/platform/gpio/port.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** One bank with a chip of at least 8 lines whose levels start low, and a view on its physical levels from outside. */
export interface GpioHarness {
  readonly bank: GpioBank;
  readonly clock: FakeClock;
  /** Names under which the chip can be asked for. */
  readonly chipNames: readonly string[];
  readonly chipLines: number;
  /** Lets a request finish that waits for more than its own promises. */
  run<T>(request: Promise<T>): Promise<T>;
  /** The outside changes the level of an input. */
  apply(line: number, level: boolean): void;
  levelOf(line: number): boolean;
  /** Physical levels driven so far, without repeats. */
  history(line: number): readonly boolean[];
}

/** What every `GpioBank` with lines guarantees. */
export function gpioContract(name: string, create: () => GpioHarness): void {
  const setUp = () => {
    const harness = create();
    const pin = (line: number) => ({ chip: harness.chipNames[0] ?? "", line });
    return { ...harness, pin };
  };
  const on = { initial: true, activeLow: false };
  const off = { initial: false, activeLow: false };

  describe(`${name} (GpioBank contract)`, () => {
    it("lists its chips", async () => {
      const { bank, chipNames, chipLines } = setUp();
      const [chip] = await bank.chips();
      expect(chipNames).toContain(chip?.name);
      expect(chipNames).toContain(chip?.label);
      expect(chip?.lines).toBe(chipLines);
    });

    it.each([
      { initial: false, activeLow: false, level: false },
      { initial: true, activeLow: false, level: true },
      { initial: false, activeLow: true, level: true },
      { initial: true, activeLow: true, level: false },
    ])(
      "sets initial $initial with active-low $activeLow without a glitch",
      async ({ initial, activeLow, level }) => {
        const { bank, run, pin, history } = setUp();
        await run(bank.output(pin(3), { initial, activeLow }));
        expect(history(3)).toEqual([level]);
      },
    );

    it.each([true, false])("keeps a level of %s that it is told to leave alone", async (level) => {
      const { bank, run, pin, apply, history } = setUp();
      apply(3, level);
      const line = await run(bank.output(pin(3), { initial: undefined, activeLow: true }));
      expect(history(3)).toEqual([level]);
      expect(await line.read()).toBe(!level);
    });

    it("writes and reads logical levels", async () => {
      const { bank, run, pin, levelOf } = setUp();
      const line = await run(bank.output(pin(2), { initial: false, activeLow: true }));
      await line.write(true);
      expect([levelOf(2), await line.read()]).toEqual([false, true]);
      await line.write(false);
      expect([levelOf(2), await line.read()]).toEqual([true, false]);
    });

    it("keeps the order of writes that do not wait for each other", async () => {
      const { bank, run, pin, history } = setUp();
      const line = await run(bank.output(pin(2), off));
      await Promise.all([line.write(true), line.write(false), line.write(true)]);
      expect(history(2)).toEqual([false, true, false, true]);
    });

    it("idles an output that is closed, once", async () => {
      const { bank, run, pin, history } = setUp();
      const line = await run(bank.output(pin(2), on));
      await line.close();
      await line.close();
      expect(history(2)).toEqual([true, false]);
      await expect(line.write(true)).rejects.toBeInstanceOf(GpioLineError);
      expect(history(2)).toEqual([true, false]);
    });

    it("leaves the level of an output that has to survive closing", async () => {
      const { bank, run, pin, history } = setUp();
      const line = await run(bank.output(pin(2), { ...on, keepLevelOnClose: true }));
      await line.close();
      expect(history(2)).toEqual([true]);
    });

    it("reports the level of an input from the start", async () => {
      const { bank, run, pin, apply } = setUp();
      apply(1, true);
      const plain = await run(bank.input(pin(1), { activeLow: false, debounceMs: 0 }));
      expect(plain.level.value).toBe(true);
      const inverted = await run(bank.input(pin(0), { activeLow: true, debounceMs: 0 }));
      expect(inverted.level.value).toBe(true);
    });

    it("follows an input after the debounce time", async () => {
      const { bank, run, pin, apply, clock } = setUp();
      const line = await run(bank.input(pin(1), { activeLow: false, debounceMs: 100 }));
      apply(1, true);
      await clock.advance(90);
      expect(line.level.value).toBe(false);
      await clock.advance(100);
      expect(line.level.value).toBe(true);
      await until(line.level, (level) => level);
    });

    it("does not report changes shorter than the debounce time", async () => {
      const { bank, run, pin, apply, clock } = setUp();
      const line = await run(bank.input(pin(1), { activeLow: false, debounceMs: 100 }));
      const seen: boolean[] = [];
      line.level.subscribe((level) => {
        seen.push(level);
      });
      for (let round = 0; round < 6; round += 1) {
        apply(1, round % 2 === 0);
        await clock.advance(60);
      }
      await clock.advance(500);
      expect(seen).toEqual([]);
    });

    it("freezes the level of an input that is closed", async () => {
      const { bank, run, pin, apply, clock } = setUp();
      const line = await run(bank.input(pin(1), { activeLow: false, debounceMs: 0 }));
      await line.close();
      await line.close();
      apply(1, true);
      await clock.advance(1000);
      expect(line.level.value).toBe(false);
      expect(clock.pending).toBe(0);
    });

    it("refuses a line that is held and gives it out again after closing", async () => {
      const { bank, run, pin } = setUp();
      const first = await run(bank.output(pin(4), off));
      await expect(run(bank.output(pin(4), off))).rejects.toBeInstanceOf(GpioLineError);
      await expect(
        run(bank.input(pin(4), { activeLow: false, debounceMs: 0 })),
      ).rejects.toBeInstanceOf(GpioLineError);
      await first.close();
      const second = await run(bank.output(pin(4), off));
      await second.write(true);
      expect(await second.read()).toBe(true);
    });

    it("finds its chip by every name", async () => {
      const { bank, run, chipNames } = setUp();
      for (const [line, chip] of chipNames.entries()) {
        const output = await run(bank.output({ chip, line }, on));
        expect(await output.read()).toBe(true);
      }
    });

    it("refuses unknown chips and lines with a readable reason", async () => {
      const { bank, run, pin, chipLines } = setUp();
      await expect(run(bank.output({ chip: "nochip", line: 0 }, off))).rejects.toThrow(/nochip/);
      await expect(run(bank.output(pin(chipLines), off))).rejects.toBeInstanceOf(GpioLineError);
    });

    it("idles and releases every line when the bank closes", async () => {
      const { bank, run, pin, levelOf, clock } = setUp();
      await run(bank.output(pin(2), on));
      await run(bank.output(pin(3), { initial: true, activeLow: true }));
      await run(bank.input(pin(1), { activeLow: false, debounceMs: 50 }));
      await bank.close();
      expect([levelOf(2), levelOf(3)]).toEqual([false, true]);
      expect(clock.pending).toBe(0);
    });
  });
}
