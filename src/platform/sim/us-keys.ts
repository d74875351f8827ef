// What the keys of a US keyboard type: usages of HID page 07 in runs ("HID Usage Tables", Keyboard/Keypad Page).

export const USAGE = {
  enter: 0x28,
  backspace: 0x2a,
  tab: 0x2b,
  capsLock: 0x39,
  scrollLock: 0x47,
  delete: 0x4c,
  numLock: 0x53,
  keypadEnter: 0x58,
} as const;

export const MODIFIER = { control: 0x11, shift: 0x22, alt: 0x44, meta: 0x88 } as const;

interface Run {
  readonly first: number;
  readonly plain: string;
  readonly shifted: string;
}

const LETTERS: Run = {
  first: 0x04,
  plain: "abcdefghijklmnopqrstuvwxyz",
  shifted: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
};
const OTHERS: readonly Run[] = [
  { first: 0x1e, plain: "1234567890", shifted: "!@#$%^&*()" },
  // 0x32 is the second backslash of non-US keyboards.
  { first: 0x2c, plain: " -=[]\\\\;'`,./", shifted: ' _+{}||:"~<>?' },
  { first: 0x54, plain: "/*-+", shifted: "/*-+" },
];
const KEYPAD_DIGITS: Run = { first: 0x59, plain: "1234567890.", shifted: "1234567890." };

function pick(run: Run, usage: number, isShifted: boolean): string | undefined {
  return (isShifted ? run.shifted : run.plain)[usage - run.first];
}

/** The character a key types, or undefined for keys that type none. */
export function charOf(
  usage: number,
  modifiers: number,
  leds: { readonly caps: boolean; readonly num: boolean },
): string | undefined {
  if ((modifiers & (MODIFIER.control | MODIFIER.alt | MODIFIER.meta)) !== 0) return undefined;
  const isShifted = (modifiers & MODIFIER.shift) !== 0;
  const letter = pick(LETTERS, usage, isShifted !== leds.caps);
  if (letter !== undefined) return letter;
  if (usage >= KEYPAD_DIGITS.first) {
    return leds.num ? pick(KEYPAD_DIGITS, usage, false) : undefined;
  }
  for (const run of OTHERS) {
    const char = pick(run, usage, isShifted);
    if (char !== undefined) return char;
  }
  return undefined;
}
