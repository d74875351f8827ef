/** What the page knows about the types of GPIO drivers; others are edited, too, as names with values. */
export interface DriverOption {
  readonly key: string;
  readonly kind: "text" | "number" | "words";
  /** What is used without it. */
  readonly usual: string;
}

export interface DriverType {
  readonly modes: readonly ("input" | "output")[];
  /** Lines with a number, each for one channel only. */
  readonly hasLines: boolean;
  readonly options: readonly DriverOption[];
}

const BOTH = ["input", "output"] as const;
const CHIP: readonly DriverOption[] = [{ key: "device", kind: "text", usual: "gpiochip0" }];
const TIMEOUT: DriverOption = { key: "timeout", kind: "number", usual: "10" };
const COMMAND: readonly DriverOption[] = [{ key: "cmd", kind: "words", usual: "" }, TIMEOUT];

export const DRIVER_TYPES = {
  gpio: { modes: BOTH, hasLines: true, options: CHIP },
  wol: {
    modes: ["output"],
    hasLines: false,
    options: [
      { key: "mac", kind: "text", usual: "" },
      { key: "ip", kind: "text", usual: "255.255.255.255" },
      { key: "port", kind: "number", usual: "9" },
    ],
  },
  cmd: { modes: ["output"], hasLines: false, options: COMMAND },
  cmdret: {
    modes: ["input"],
    hasLines: false,
    options: [...COMMAND, { key: "state_poll", kind: "number", usual: "5" }],
  },
  locator: { modes: ["output"], hasLines: true, options: CHIP },
  noop: { modes: BOTH, hasLines: false, options: [] },
} as const satisfies Readonly<Record<string, DriverType>>;

export type DriverTypeName = keyof typeof DRIVER_TYPES;

const isKnown = (name: string): name is DriverTypeName => Object.hasOwn(DRIVER_TYPES, name);

export const DRIVER_TYPE_NAMES = Object.keys(DRIVER_TYPES).filter(isKnown);

/** Undefined for a type that this page does not know. */
export const driverType = (name: string): DriverType | undefined =>
  isKnown(name) ? DRIVER_TYPES[name] : undefined;

/** The driver of channels that name none. */
export const BUILT_IN_DRIVER = "__gpio__";
