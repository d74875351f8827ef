// Numbers of the USB HID usage tables and of Linux' input-event-codes.h that the rest needs by name.

/** Bits of the first byte of the boot keyboard report; usage E0 is bit 0, E7 is bit 7. */
export const MODIFIER = {
  controlLeft: 0x01,
  shiftLeft: 0x02,
  altLeft: 0x04,
  metaLeft: 0x08,
  controlRight: 0x10,
  shiftRight: 0x20,
  altRight: 0x40,
  metaRight: 0x80,
} as const;

/** Usages of page 07 that the program presses on its own account. */
export const USAGE = {
  enter: 0x28,
  tab: 0x2b,
  space: 0x2c,
  firstModifier: 0xe0,
  lastModifier: 0xe7,
} as const;

/** Bits of the first byte of the keyboard's output report. */
export const LED = { num: 0x01, caps: 0x02, scroll: 0x04, compose: 0x08, kana: 0x10 } as const;

/** The modifier bit of a usage E0..E7, 0 for every other usage. */
export function modifierBitOf(usage: number): number {
  return usage >= USAGE.firstModifier && usage <= USAGE.lastModifier
    ? 1 << (usage - USAGE.firstModifier)
    : 0;
}

export interface MouseButtonCode {
  readonly name: string;
  /** Bit of the mouse report's first byte. */
  readonly bit: number;
  readonly evdev: number;
}

/** Mouse buttons by the API's name; "up" is back, "down" is forward (PiKVM API 7.1). */
const MOUSE_BUTTON_CODES: readonly MouseButtonCode[] = [
  { name: "left", bit: 0x01, evdev: 272 },
  { name: "right", bit: 0x02, evdev: 273 },
  { name: "middle", bit: 0x04, evdev: 274 },
  { name: "up", bit: 0x08, evdev: 278 },
  { name: "down", bit: 0x10, evdev: 277 },
];

export function mouseButtonByName(name: string): MouseButtonCode | undefined {
  return MOUSE_BUTTON_CODES.find((button) => button.name === name);
}

export function mouseButtonByEvdev(evdev: number): MouseButtonCode | undefined {
  return MOUSE_BUTTON_CODES.find((button) => button.evdev === evdev);
}
