import type { GpioConfig } from "../../config/schema.ts";
import { DRIVER_TYPES } from "./drivers/types.ts";
import { createOfflineDriver } from "./drivers/offline.ts";
import type { DriverEnvironment, DriverType, GpioDriver } from "./driver.ts";
import { createOptionReader } from "./option-reader.ts";
import { BUILT_IN_DRIVER, readScheme } from "./scheme.ts";
import type { ChannelSpec } from "./scheme.ts";

/** Something in `device.gpio` that cannot work. `path` is the place in the configuration file. */
export interface GpioProblem {
  readonly path: string;
  readonly message: string;
}

type BuildDriver = (environment: DriverEnvironment) => GpioDriver;

interface PlannedDriver {
  /** Undefined where the type is unknown or its options are wrong. */
  readonly type: DriverType | undefined;
  readonly problem: string | undefined;
  readonly build: BuildDriver;
}

export interface PlannedChannel {
  readonly spec: ChannelSpec;
  /** Why the channel will be offline; undefined when nothing is wrong with it. */
  readonly problem: string | undefined;
}

/** The configuration, understood: channels with what is wrong with them, and the drivers to build. */
export interface GpioPlan {
  readonly channels: readonly PlannedChannel[];
  readonly drivers: ReadonlyMap<string, PlannedDriver>;
  readonly problems: readonly GpioProblem[];
}

const ROOT = "device.gpio";

const offline =
  (reason: string): BuildDriver =>
  () =>
    createOfflineDriver(reason);

function planDriver(options: GpioConfig["drivers"][string]): PlannedDriver {
  const type = DRIVER_TYPES.get(options.type);
  if (type === undefined) {
    const known = [...DRIVER_TYPES.keys()].join(", ");
    const problem = `unknown driver type '${options.type}'; known types: ${known}`;
    return { type, problem, build: offline(problem) };
  }
  const reader = createOptionReader({ ...options });
  const build = type.prepare(reader);
  const wrong = reader.finish().map(({ key, message }) => `'${key}' ${message}`);
  if (wrong.length === 0) return { type, problem: undefined, build };
  const problem = wrong.join("; ");
  return { type, problem, build: offline(problem) };
}

function planDrivers(drivers: GpioConfig["drivers"]): Map<string, PlannedDriver> {
  const planned = new Map([[BUILT_IN_DRIVER, planDriver({ type: "gpio" })]]);
  for (const [name, options] of Object.entries(drivers)) planned.set(name, planDriver(options));
  return planned;
}

function checkChannel(
  channel: ChannelSpec,
  { type }: PlannedDriver,
  taken: Map<string, string>,
): string | undefined {
  if (type === undefined) return undefined;
  if (!type.modes.includes(channel.mode)) {
    return `driver '${channel.driver}' has no ${channel.mode}s`;
  }
  const pinProblem = type.checkPin(channel.pin);
  if (pinProblem !== undefined) return `pin '${channel.pin}' ${pinProblem}`;
  if (type.hasExclusivePins !== true) return undefined;
  const place = `${channel.driver} ${Number(channel.pin)}`;
  const holder = taken.get(place);
  if (holder !== undefined) return `pin ${channel.pin} is used by channel '${holder}' already`;
  taken.set(place, channel.name);
  return undefined;
}

function checkPulse(name: string, config: GpioConfig["scheme"][string]): GpioProblem | undefined {
  if (config.mode === "input" || config.pulse === undefined || config.pulse === false) {
    return undefined;
  }
  const { delay = 0.1, min_delay: min = 0.1, max_delay: max = 0.1 } = config.pulse;
  const path = `${ROOT}.scheme.${name}.pulse`;
  if (max < min) return { path, message: `max_delay ${max} is less than min_delay ${min}` };
  if (delay > max) {
    return { path, message: `delay ${delay} is cut to max_delay ${max}; set max_delay too` };
  }
  return undefined;
}

/** Reads the whole section. Wrong parts do not keep the others from working. */
export function planGpio(config: GpioConfig): GpioPlan {
  const drivers = planDrivers(config.drivers);
  const problems: GpioProblem[] = [];
  for (const [name, { problem }] of drivers) {
    if (problem !== undefined) problems.push({ path: `${ROOT}.drivers.${name}`, message: problem });
  }
  const taken = new Map<string, string>();
  const channels = readScheme(config.scheme).map((spec): PlannedChannel => {
    const driver = drivers.get(spec.driver);
    const problem =
      driver === undefined
        ? `driver '${spec.driver}' is not defined; defined: ${[...drivers.keys()].join(", ")}`
        : checkChannel(spec, driver, taken);
    if (problem !== undefined) {
      problems.push({ path: `${ROOT}.scheme.${spec.name}`, message: problem });
    }
    return { spec, problem };
  });
  for (const [name, channel] of Object.entries(config.scheme)) {
    const problem = checkPulse(name, channel);
    if (problem !== undefined) problems.push(problem);
  }
  return { channels, drivers, problems };
}

/** What in the section cannot work, in readable form; empty when everything can. View cells of unknown channels are no problem. */
export function checkGpioConfig(config: GpioConfig): readonly GpioProblem[] {
  return planGpio(config).problems;
}
