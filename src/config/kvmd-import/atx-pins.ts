/** The four lines of the ATX board: chip, line and sense are three keys in PiKVM's configuration and one value here. */
import type { Conversion } from "./conversion.ts";
import { kvmdValue } from "./tree.ts";
import type { KvmdFiles } from "./tree.ts";
import { NotCarried, boolOf, numberOf, textOf } from "./values.ts";

const DEFAULT_CHIP = "/dev/gpiochip0";

interface Line {
  readonly target: string;
  readonly pinKey: string;
  readonly defaultPin: number;
  readonly invertedKey?: string;
}

const LINES: readonly Line[] = [
  {
    target: "powerLed",
    pinKey: "power_led_pin",
    defaultPin: 24,
    invertedKey: "power_led_inverted",
  },
  { target: "hddLed", pinKey: "hdd_led_pin", defaultPin: 22, invertedKey: "hdd_led_inverted" },
  { target: "powerSwitch", pinKey: "power_switch_pin", defaultPin: 23 },
  { target: "resetSwitch", pinKey: "reset_switch_pin", defaultPin: 27 },
];

const ATX = "kvmd/atx";
const IS_WIRING = /^kvmd\/atx\/(?:device|.*_pin|.*_inverted)$/;

function pinOf({ tree }: KvmdFiles, line: Line): unknown {
  const number = numberOf(kvmdValue(tree, `${ATX}/${line.pinKey}`) ?? line.defaultPin);
  if (number < 0) return "none";
  const device = textOf(kvmdValue(tree, `${ATX}/device`) ?? DEFAULT_CHIP);
  const chip = device.replace(/^\/dev\/(?=gpiochip\d+$)/, "");
  const { invertedKey } = line;
  const inverted = invertedKey === undefined ? false : kvmdValue(tree, `${ATX}/${invertedKey}`);
  return { chip, line: number, ...(boolOf(inverted ?? false) ? { activeLow: true } : {}) };
}

/** Nothing where no file changes the wiring: the board's own is known here. */
export function atxPins(files: KvmdFiles): Conversion {
  const wiring = files.leaves.filter(({ path }) => IS_WIRING.test(path));
  if (wiring.length === 0) return { settings: [], left: [] };
  try {
    const settings = LINES.map((line) => {
      const keys = new Set([`${ATX}/${line.pinKey}`, `${ATX}/device`]);
      const source = wiring.find(({ path }) => keys.has(path))?.source ?? "PiKVM's default";
      const origin = `${ATX}/${line.pinKey}, ${source}`;
      return { path: `device.atx.${line.target}`, value: pinOf(files, line), origin };
    });
    return { settings, left: [] };
  } catch (error) {
    if (!(error instanceof NotCarried)) throw error;
    const { message: reason } = error;
    return { settings: [], left: wiring.map(({ path, source }) => ({ path, source, reason })) };
  }
}
