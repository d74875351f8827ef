import { clamp } from "../../core/bytes.ts";
import type { GpioConfig } from "../../config/schema.ts";
import type { GpioScheme } from "./gpio-state.ts";

/** The driver of channels that name none. */
export const BUILT_IN_DRIVER = "__gpio__";

interface ChannelBase {
  readonly name: string;
  readonly driver: string;
  readonly pin: string;
  readonly isInverted: boolean;
}

export interface InputChannelSpec extends ChannelBase {
  readonly mode: "input";
  readonly debounceMs: number;
}

/** Lengths in seconds; null where the channel cannot pulse. */
export interface PulseSpec {
  readonly delay: number;
  readonly min: number;
  readonly max: number;
}

export interface OutputChannelSpec extends ChannelBase {
  readonly mode: "output";
  readonly canSwitch: boolean;
  /** Undefined leaves the hardware as it is. */
  readonly initial: boolean | undefined;
  readonly busyDelayMs: number;
  readonly pulse: PulseSpec | null;
}

export type ChannelSpec = InputChannelSpec | OutputChannelSpec;

type ChannelConfig = GpioConfig["scheme"][string];

const DEFAULT_DEBOUNCE = 0.1;
const DEFAULT_BUSY_DELAY = 0.2;
const DEFAULT_PULSE = 0.1;

function readPulse(pulse: ChannelConfig["pulse"]): PulseSpec | null {
  if (pulse === false) return null;
  const { delay = DEFAULT_PULSE, min_delay: min = DEFAULT_PULSE } = pulse ?? {};
  const max = Math.max(min, pulse?.max_delay ?? DEFAULT_PULSE);
  return delay === 0 ? null : { delay: clamp(delay, min, max), min, max };
}

function readChannel(name: string, config: ChannelConfig): ChannelSpec {
  const base = {
    name,
    driver: config.driver ?? BUILT_IN_DRIVER,
    pin: String(config.pin).trim(),
    isInverted: config.inverted ?? false,
  };
  if (config.mode === "input") {
    const debounceMs = (config.debounce ?? DEFAULT_DEBOUNCE) * 1000;
    return { ...base, mode: "input", debounceMs };
  }
  return {
    ...base,
    mode: "output",
    canSwitch: config.switch ?? true,
    initial: config.initial === undefined ? false : (config.initial ?? undefined),
    busyDelayMs: (config.busy_delay ?? DEFAULT_BUSY_DELAY) * 1000,
    pulse: readPulse(config.pulse),
  };
}

/** The configured channels with PiKVM's defaults and limits applied (PiKVM API 4.6). */
export function readScheme(scheme: GpioConfig["scheme"]): readonly ChannelSpec[] {
  return Object.entries(scheme).map(([name, config]) => readChannel(name, config));
}

/** Held at its level for good; clients neither see nor use it. */
export function isConstant(channel: OutputChannelSpec): boolean {
  return !channel.canSwitch && channel.pulse === null;
}

/** What clients learn about the channels. */
export function describeScheme(channels: readonly ChannelSpec[]): GpioScheme {
  const inputs: [string, GpioScheme["inputs"][string]][] = [];
  const outputs: [string, GpioScheme["outputs"][string]][] = [];
  for (const channel of channels) {
    const hw = { driver: channel.driver, pin: channel.pin };
    if (channel.mode === "input") inputs.push([channel.name, { hw }]);
    else if (!isConstant(channel)) {
      const { canSwitch, pulse } = channel;
      const lengths = {
        delaySeconds: pulse?.delay ?? 0,
        minDelaySeconds: pulse?.min ?? 0,
        maxDelaySeconds: pulse?.max ?? 0,
      };
      outputs.push([channel.name, { hw, canSwitch, pulse: lengths }]);
    }
  }
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) };
}
