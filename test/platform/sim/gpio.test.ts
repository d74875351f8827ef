import { describe, expect, it } from "vitest";
import { GpioLineError } from "../../../src/platform/gpio/port.ts";
import {
  createSimGpio,
  SIM_ATX_PINS,
  SIM_FREE_LINE,
  SIM_GPIO_CHIP,
  SIM_GPIO_LINES,
} from "../../../src/platform/sim/gpio.ts";
import { createTargetPc, SHUTDOWN_MS } from "../../../src/platform/sim/target-pc.ts";
import { gpioContract } from "../../contract/gpio.ts";
import { fakeClock } from "../../support/fake-clock.ts";

gpioContract("simulated GPIO", () => {
  const clock = fakeClock();
  const bank = createSimGpio(clock);
  const driven = new Map<number, boolean[]>();
  bank.onDriven((line, level) => {
    const history = driven.get(line) ?? [];
    if (history.at(-1) !== level) history.push(level);
    driven.set(line, history);
  });
  return {
    bank,
    clock,
    chipNames: [SIM_GPIO_CHIP, "simulated-board"],
    chipLines: SIM_GPIO_LINES,
    run: (request) => request,
    apply: bank.drive.bind(bank),
    levelOf: (line) => bank.level(line),
    history: (line) => driven.get(line) ?? [],
  };
});

function setUp() {
  const clock = fakeClock();
  const target = createTargetPc(clock);
  return { clock, target, bank: createSimGpio(clock, target) };
}

const OUTPUT = { initial: false, activeLow: false };
const INPUT = { activeLow: false, debounceMs: 0 };
const free = (index: number) => ({ chip: SIM_GPIO_CHIP, line: SIM_FREE_LINE + index });

describe("lines wired to the simulated computer", () => {
  it("press its power button and show its power light", async () => {
    const { bank, clock, target } = setUp();
    const button = await bank.output(SIM_ATX_PINS.powerSwitch, OUTPUT);
    const led = await bank.input(SIM_ATX_PINS.powerLed, { activeLow: false, debounceMs: 100 });
    expect(led.level.value).toBe(true);
    await button.write(true);
    await clock.advance(500);
    await button.write(false);
    await clock.advance(SHUTDOWN_MS + 100);
    expect([target.state.value.phase, led.level.value]).toEqual(["off", false]);
  });

  it("press its reset button and show its disk light", async () => {
    const { bank, clock, target } = setUp();
    const button = await bank.output(SIM_ATX_PINS.resetSwitch, OUTPUT);
    const led = await bank.input(SIM_ATX_PINS.hddLed, INPUT);
    let blinks = 0;
    led.level.subscribe(() => {
      blinks += 1;
    });
    await button.write(true);
    expect(target.state.value.phase).toBe("reset");
    await button.write(false);
    await clock.advance(1000);
    expect(target.state.value.phase).toBe("booting");
    expect(blinks).toBeGreaterThan(3);
  });

  it("let go of the button when they are released while it is pressed", async () => {
    const { bank, target } = setUp();
    const button = await bank.output(SIM_ATX_PINS.resetSwitch, { ...OUTPUT, initial: true });
    expect(target.state.value.phase).toBe("reset");
    await button.close();
    expect(target.state.value.phase).toBe("booting");
  });

  it("cannot be driven against the computer", async () => {
    const { bank } = setUp();
    await expect(bank.output(SIM_ATX_PINS.powerLed, OUTPUT)).rejects.toThrow(/by the computer/);
    expect(() => {
      bank.drive(SIM_ATX_PINS.powerSwitch.line, true);
    }).toThrow(GpioLineError);
  });
});

describe("free lines of the simulated board", () => {
  it("follow each other over a wire until it is cut", async () => {
    const { bank } = setUp();
    const [from, to] = [free(0), free(1)];
    const cut = bank.wire(from.line, to.line);
    const output = await bank.output(from, OUTPUT);
    const input = await bank.input(to, INPUT);
    await output.write(true);
    expect(input.level.value).toBe(true);
    cut();
    await output.write(false);
    expect(input.level.value).toBe(true);
  });

  it("are not overdriven while they are outputs", async () => {
    const { bank } = setUp();
    const [from, to] = [free(0), free(1)];
    bank.wire(from.line, to.line);
    const output = await bank.output(to, OUTPUT);
    bank.drive(from.line, true);
    expect(await output.read()).toBe(false);
    expect(() => {
      bank.drive(to.line, true);
    }).toThrow(/held as an output/);
  });

  it("end where the chip ends", () => {
    const { bank } = setUp();
    expect(() => {
      bank.drive(SIM_GPIO_LINES, true);
    }).toThrow(/does not exist/);
    expect(() => bank.level(-1)).toThrow(GpioLineError);
  });
});
