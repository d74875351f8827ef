// Report descriptors of the USB gadget's HID functions (hardware notes 3.3). Limits that look odd are deliberate:
// Windows 7 refuses negative or 32768-wide axis ranges, and hosts drop keys above the key array's maximum.
import { fromHex } from "../../core/bytes.ts";

export interface HidFunction {
  /** Boot interface protocol: 1 keyboard, 2 mouse, 0 none. */
  readonly protocol: 0 | 1 | 2;
  readonly subclass: 0 | 1;
  readonly reportLength: number;
  readonly descriptor: Uint8Array;
}

const LEDS = "95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 01";

const KEYBOARD = `
  05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01
  ${LEDS}
  95 06 75 08 15 00 26 FF 00 05 07 19 00 2A FF 00 81 00 C0`;

const MOUSE_BUTTONS = `
  05 01 09 02 A1 01 09 01 A1 00 05 09 19 01 29 08 15 00 25 01 95 08 75 01 81 02`;

const HORIZONTAL_WHEEL = "05 0C 0A 38 02 15 81 25 7F 75 08 95 01 81 06";

const ABSOLUTE_AXES = `
  05 01 09 30 09 31 16 00 00 26 FF 7F 75 10 95 02 81 02
  09 38 15 81 25 7F 75 08 95 01 81 06`;

const RELATIVE_AXES = "05 01 09 30 09 31 09 38 15 81 25 7F 75 08 95 03 81 06";

const CONSUMER = "05 0C 09 01 A1 01 15 00 26 FF 03 19 00 2A FF 03 75 10 95 01 81 00 C0";

const SYSTEM = "05 01 09 80 A1 01 19 81 29 83 15 01 25 03 75 02 95 01 81 00 75 06 95 01 81 03 C0";

/** Boot keyboard with five LEDs. */
export function keyboardFunction(): HidFunction {
  return { protocol: 1, subclass: 1, reportLength: 8, descriptor: fromHex(KEYBOARD) };
}

export function absoluteMouseFunction(hasHorizontalWheel: boolean): HidFunction {
  const pan = hasHorizontalWheel ? HORIZONTAL_WHEEL : "";
  return {
    protocol: 0,
    subclass: 0,
    reportLength: hasHorizontalWheel ? 7 : 6,
    descriptor: fromHex(`${MOUSE_BUTTONS}${ABSOLUTE_AXES}${pan} C0 C0`),
  };
}

export function relativeMouseFunction(hasHorizontalWheel: boolean): HidFunction {
  const pan = hasHorizontalWheel ? HORIZONTAL_WHEEL : "";
  return {
    protocol: 2,
    subclass: 1,
    reportLength: hasHorizontalWheel ? 5 : 4,
    descriptor: fromHex(`${MOUSE_BUTTONS}${RELATIVE_AXES}${pan} C0 C0`),
  };
}

/** Media keys: one 16-bit usage. */
export function consumerFunction(): HidFunction {
  return { protocol: 0, subclass: 0, reportLength: 2, descriptor: fromHex(CONSUMER) };
}

/** Report numbers of `mediaFunction`. */
export const MEDIA_REPORT = { consumer: 1, system: 2 } as const;

/** Media keys (report 1, one 16-bit usage) and power, sleep and wake keys (report 2) in one function. */
export function mediaFunction(): HidFunction {
  const numbered = (descriptor: string, id: number): string =>
    descriptor.replace("A1 01", `A1 01 85 0${id}`);
  const consumer = numbered(CONSUMER, MEDIA_REPORT.consumer);
  const system = numbered(SYSTEM, MEDIA_REPORT.system);
  return {
    protocol: 0,
    subclass: 0,
    reportLength: 3,
    descriptor: fromHex(`${consumer} ${system}`),
  };
}

/** Power, sleep and wake keys. */
export function systemFunction(): HidFunction {
  return { protocol: 0, subclass: 0, reportLength: 1, descriptor: fromHex(SYSTEM) };
}
