import { describe, expect, it } from "vitest";
import { describeScheme, isConstant, readScheme } from "../../../src/device/gpio/scheme.ts";
import type { GpioConfig } from "../../../src/config/schema.ts";

type Channel = GpioConfig["scheme"][string];

function readOne(config: Channel) {
  const [spec] = readScheme({ ch: config });
  return spec;
}

const readPulse = (pulse: Channel["pulse"]) =>
  readOne(pulse === undefined ? { pin: 1, mode: "output" } : { pin: 1, mode: "output", pulse });

describe("readScheme", () => {
  it("fills in the defaults of an input", () => {
    expect(readOne({ pin: 19, mode: "input" })).toEqual({
      name: "ch",
      driver: "__gpio__",
      pin: "19",
      mode: "input",
      isInverted: false,
      debounceMs: 100,
    });
  });

  it("fills in the defaults of an output", () => {
    expect(readOne({ pin: " udc ", mode: "output", driver: "d" })).toEqual({
      name: "ch",
      driver: "d",
      pin: "udc",
      mode: "output",
      isInverted: false,
      canSwitch: true,
      initial: false,
      busyDelayMs: 200,
      pulse: { delay: 0.1, min: 0.1, max: 0.1 },
    });
  });

  it.each([
    [false, false],
    [true, true],
    [null, undefined],
  ])("reads initial %s as %s", (initial, expected) => {
    expect(readOne({ pin: 1, mode: "output", initial })).toMatchObject({ initial: expected });
  });

  it.each([
    [undefined, { delay: 0.1, min: 0.1, max: 0.1 }],
    [false as const, null],
    [{ delay: 0 }, null],
    [
      { delay: 2, max_delay: 5 },
      { delay: 2, min: 0.1, max: 5 },
    ],
    [{ delay: 2 }, { delay: 0.1, min: 0.1, max: 0.1 }],
    [
      { delay: 0.2, min_delay: 1, max_delay: 5 },
      { delay: 1, min: 1, max: 5 },
    ],
    [
      { delay: 9, min_delay: 3, max_delay: 1 },
      { delay: 3, min: 3, max: 3 },
    ],
  ])("reads pulse %j as %j", (pulse, expected) => {
    expect(readPulse(pulse)).toMatchObject({ pulse: expected });
  });
});

describe("describeScheme", () => {
  it("leaves constant outputs out and shows no pulse as zeros", () => {
    const channels = readScheme({
      const1: { pin: 6, mode: "output", switch: false, pulse: false },
      breaker: { pin: 5, mode: "output", pulse: false },
    });
    const [first] = channels;
    expect(first?.mode === "output" && isConstant(first)).toBe(true);
    expect(describeScheme(channels)).toEqual({
      inputs: {},
      outputs: {
        breaker: {
          hw: { driver: "__gpio__", pin: "5" },
          canSwitch: true,
          pulse: { delaySeconds: 0, minDelaySeconds: 0, maxDelaySeconds: 0 },
        },
      },
    });
  });
});
