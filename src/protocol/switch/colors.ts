import { concatBytes } from "../../core/bytes.ts";
import { crc16 } from "./crc16.ts";

export const SWITCH_COLOR_ROLES = [
  "inactive",
  "active",
  "flashing",
  "beacon",
  "bootloader",
] as const;
export type SwitchColorRole = (typeof SWITCH_COLOR_ROLES)[number];

/** What a light shows; every value but `blinkMs` is a byte. */
export interface SwitchColor {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly brightness: number;
  /** Period of blinking, 0 for steady, at most 65535. */
  readonly blinkMs: number;
}

export type SwitchColors = Readonly<Record<SwitchColorRole, SwitchColor>>;

const color = (
  red: number,
  green: number,
  blue: number,
  [brightness, blinkMs]: readonly [number, number],
): SwitchColor => ({ red, green, blue, brightness, blinkMs });

/** PiKVM API 4.9. */
export const DEFAULT_SWITCH_COLORS: SwitchColors = {
  inactive: color(255, 0, 0, [64, 0]),
  active: color(0, 255, 0, [128, 0]),
  flashing: color(0, 170, 255, [128, 0]),
  beacon: color(228, 44, 156, [255, 250]),
  bootloader: color(255, 170, 0, [128, 0]),
};

const COLOR_PATTERN = /^(..)(..)(..):(..):(....)$/;

/** `RRGGBB:BB:MMMM` in hexadecimal, as the validator lets it through (PiKVM API 2.4). */
export function parseSwitchColor(text: string): SwitchColor {
  const [, ...parts] = COLOR_PATTERN.exec(text) ?? [];
  const [red = 0, green = 0, blue = 0, brightness = 0, blinkMs = 0] = parts.map((part) =>
    Number.parseInt(part, 16),
  );
  return { red, green, blue, brightness, blinkMs };
}

function packColor({ red, green, blue, brightness, blinkMs }: SwitchColor): Uint8Array {
  return Uint8Array.of(red, green, blue, brightness, blinkMs & 0xff, blinkMs >> 8);
}

/** All five in the order in which a unit takes them. */
export function packSwitchColors(colors: SwitchColors): Uint8Array {
  return concatBytes(...SWITCH_COLOR_ROLES.map((role) => packColor(colors[role])));
}

/** What a unit reports for a light that has these colors. */
export function switchColorsCrc(colors: SwitchColors): number {
  const sums = SWITCH_COLOR_ROLES.map((role) => crc16(packColor(colors[role])));
  return crc16(Uint8Array.from(sums.flatMap((sum) => [sum & 0xff, sum >> 8])));
}
