// Key names of the API: `KeyboardEvent.code` values with their HID usages and Linux evdev codes (PiKVM API 7.1,
// hardware notes 4.1 and 4.2). Volume keys and Power stand on the consumer and system pages, because PC hosts ignore
// them on the keyboard page; their keyboard usage is kept for chips that have no other.

export type WebKeyKind = "keyboard" | "modifier" | "consumer" | "system";

export interface WebKey {
  readonly name: string;
  readonly kind: WebKeyKind;
  /** Page 07 for "keyboard" and "modifier", page 0C for "consumer", the control 1..3 for "system". */
  readonly usage: number;
  /** Usage of page 07 for chips without the key's own page; 0 when there is none. */
  readonly keyboardUsage: number;
  /** Linux evdev code; 0 when it has none of its own. */
  readonly evdev: number;
  /** Among the 126 names that PiKVM knows. */
  readonly isPikvm: boolean;
}

type Row = readonly [name: string, usage: number, evdev: number, keyboardUsage?: number];

const run = (prefix: string, first: number, usage: number, codes: readonly number[]): Row[] =>
  codes.map((evdev, index) => [`${prefix}${first + index}`, usage + index, evdev]);

const LETTER_CODES = [
  30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45,
  21, 44,
];

const PIKVM_KEYBOARD: readonly Row[] = [
  ...LETTER_CODES.map((evdev, index): Row => [
    `Key${String.fromCodePoint(65 + index)}`,
    0x04 + index,
    evdev,
  ]),
  ...run("Digit", 1, 0x1e, [2, 3, 4, 5, 6, 7, 8, 9, 10]),
  ["Digit0", 0x27, 11],
  ["Enter", 0x28, 28],
  ["Escape", 0x29, 1],
  ["Backspace", 0x2a, 14],
  ["Tab", 0x2b, 15],
  ["Space", 0x2c, 57],
  ["Minus", 0x2d, 12],
  ["Equal", 0x2e, 13],
  ["BracketLeft", 0x2f, 26],
  ["BracketRight", 0x30, 27],
  ["Backslash", 0x31, 43],
  ["Semicolon", 0x33, 39],
  ["Quote", 0x34, 40],
  ["Backquote", 0x35, 41],
  ["Comma", 0x36, 51],
  ["Period", 0x37, 52],
  ["Slash", 0x38, 53],
  ["CapsLock", 0x39, 58],
  ...run("F", 1, 0x3a, [59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 87, 88]),
  ["PrintScreen", 0x46, 99],
  ["ScrollLock", 0x47, 70],
  ["Pause", 0x48, 119],
  ["Insert", 0x49, 110],
  ["Home", 0x4a, 102],
  ["PageUp", 0x4b, 104],
  ["Delete", 0x4c, 111],
  ["End", 0x4d, 107],
  ["PageDown", 0x4e, 109],
  ["ArrowRight", 0x4f, 106],
  ["ArrowLeft", 0x50, 105],
  ["ArrowDown", 0x51, 108],
  ["ArrowUp", 0x52, 103],
  ["NumLock", 0x53, 69],
  ["NumpadDivide", 0x54, 98],
  ["NumpadMultiply", 0x55, 55],
  ["NumpadSubtract", 0x56, 74],
  ["NumpadAdd", 0x57, 78],
  ["NumpadEnter", 0x58, 96],
  ...run("Numpad", 1, 0x59, [79, 80, 81, 75, 76, 77, 71, 72, 73]),
  ["Numpad0", 0x62, 82],
  ["NumpadDecimal", 0x63, 83],
  ["IntlBackslash", 0x64, 86],
  ["ContextMenu", 0x65, 438],
  ...run("F", 13, 0x68, [183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194]),
  ["IntlRo", 0x87, 89],
  ["KanaMode", 0x88, 90],
  ["IntlYen", 0x89, 124],
  ["Convert", 0x8a, 92],
  ["NonConvert", 0x8b, 94],
];

const PIKVM_MODIFIERS: readonly Row[] = [
  ["ControlLeft", 0xe0, 29],
  ["ShiftLeft", 0xe1, 42],
  ["AltLeft", 0xe2, 56],
  ["MetaLeft", 0xe3, 125],
  ["ControlRight", 0xe4, 97],
  ["ShiftRight", 0xe5, 54],
  ["AltRight", 0xe6, 100],
  ["MetaRight", 0xe7, 126],
];

const PIKVM_CONSUMER: readonly Row[] = [
  ["AudioVolumeUp", 0x00e9, 115, 0x80],
  ["AudioVolumeDown", 0x00ea, 114, 0x81],
  ["AudioVolumeMute", 0x00e2, 113, 0x7f],
];

const PIKVM_SYSTEM: readonly Row[] = [["Power", 1, 116, 0x66]];

const MORE_KEYBOARD: readonly Row[] = [
  ["IntlHash", 0x32, 0],
  ["NumpadEqual", 0x67, 117],
  ["Open", 0x74, 134],
  ["Help", 0x75, 138],
  ["Props", 0x76, 130],
  ["Select", 0x77, 353],
  ["Stop", 0x78, 128],
  ["Again", 0x79, 129],
  ["Undo", 0x7a, 131],
  ["Cut", 0x7b, 137],
  ["Copy", 0x7c, 133],
  ["Paste", 0x7d, 135],
  ["Find", 0x7e, 136],
  ["LockingCapsLock", 0x82, 0],
  ["LockingNumLock", 0x83, 0],
  ["LockingScrollLock", 0x84, 0],
  ["NumpadComma", 0x85, 121],
  ...run("International", 6, 0x8c, [95, 0, 0, 0]),
  ...run("Lang", 1, 0x90, [122, 123, 0, 91, 85, 0, 0, 0, 0]),
  ["SysReq", 0x9a, 0],
  ["Abort", 0x9b, 223],
  ["NumpadParenLeft", 0xb6, 179],
  ["NumpadParenRight", 0xb7, 180],
  ["NumpadBackspace", 0xbb, 0],
  ["NumpadMemoryStore", 0xd0, 0],
  ["NumpadMemoryRecall", 0xd1, 0],
  ["NumpadMemoryClear", 0xd2, 0],
  ["NumpadMemoryAdd", 0xd3, 0],
  ["NumpadMemorySubtract", 0xd4, 0],
  ["NumpadClear", 0xd8, 0],
  ["NumpadClearEntry", 0xd9, 0],
];

const MORE_CONSUMER: readonly Row[] = [
  ["MediaPlayPause", 0x00cd, 164],
  ["MediaTrackNext", 0x00b5, 163],
  ["MediaTrackPrevious", 0x00b6, 165],
  ["MediaStop", 0x00b7, 166],
  ["Eject", 0x00b8, 161],
  ["MediaRecord", 0x00b2, 167],
  ["MediaRewind", 0x00b4, 168],
  ["MediaFastForward", 0x00b3, 208],
  ["MediaPlay", 0x00b0, 207],
  ["MediaPause", 0x00b1, 201],
  ["MediaSelect", 0x0183, 171],
  ["LaunchMail", 0x018a, 155],
  ["LaunchApp1", 0x0194, 144],
  ["LaunchApp2", 0x0192, 140],
  ["BrowserSearch", 0x0221, 217],
  ["BrowserFavorites", 0x022a, 156],
  ["BrowserHome", 0x0223, 172],
  ["BrowserBack", 0x0224, 158],
  ["BrowserForward", 0x0225, 159],
  ["BrowserStop", 0x0226, 0],
  ["BrowserRefresh", 0x0227, 173],
  ["BrightnessUp", 0x006f, 225],
  ["BrightnessDown", 0x0070, 224],
];

const MORE_SYSTEM: readonly Row[] = [
  ["Sleep", 2, 142],
  ["WakeUp", 3, 143],
];

/** Names of older browsers and of the key's other spellings. */
const ALIASES: readonly (readonly [alias: string, name: string])[] = [
  ["OSLeft", "MetaLeft"],
  ["OSRight", "MetaRight"],
  ["VolumeMute", "AudioVolumeMute"],
  ["VolumeUp", "AudioVolumeUp"],
  ["VolumeDown", "AudioVolumeDown"],
  ["HangulMode", "Lang1"],
  ["Hanja", "Lang2"],
  ["Katakana", "Lang3"],
  ["Hiragana", "Lang4"],
  ["Menu", "ContextMenu"],
  ["Execute", "Open"],
  ["Cancel", "Abort"],
];

/** Linux has two codes for these; PiKVM's is in the table. */
const EVDEV_ALIASES: readonly (readonly [evdev: number, name: string])[] = [
  [93, "KanaMode"],
  [127, "ContextMenu"],
];

function keysOf(kind: WebKeyKind, rows: readonly Row[], isPikvm: boolean): WebKey[] {
  return rows.map(([name, usage, evdev, fallback]) => {
    const ownUsage = kind === "keyboard" || kind === "modifier" ? usage : 0;
    return { name, kind, usage, keyboardUsage: fallback ?? ownUsage, evdev, isPikvm };
  });
}

/** Every key, PiKVM's first. */
export const WEB_KEYS: readonly WebKey[] = [
  ...keysOf("keyboard", PIKVM_KEYBOARD, true),
  ...keysOf("modifier", PIKVM_MODIFIERS, true),
  ...keysOf("consumer", PIKVM_CONSUMER, true),
  ...keysOf("system", PIKVM_SYSTEM, true),
  ...keysOf("keyboard", MORE_KEYBOARD, false),
  ...keysOf("consumer", MORE_CONSUMER, false),
  ...keysOf("system", MORE_SYSTEM, false),
];

const BY_NAME = new Map(WEB_KEYS.map((key) => [key.name, key]));
const BY_EVDEV = new Map(WEB_KEYS.filter((key) => key.evdev !== 0).map((key) => [key.evdev, key]));
for (const [alias, name] of ALIASES) {
  const key = BY_NAME.get(name);
  if (key !== undefined) BY_NAME.set(alias, key);
}
for (const [evdev, name] of EVDEV_ALIASES) {
  const key = BY_NAME.get(name);
  if (key !== undefined) BY_EVDEV.set(evdev, key);
}

/** The key of a name or alias; names are case-sensitive. */
export function webKeyByName(name: string): WebKey | undefined {
  return BY_NAME.get(name);
}

export function webKeyByEvdev(evdev: number): WebKey | undefined {
  return BY_EVDEV.get(evdev);
}

export function isWebKeyName(name: string): boolean {
  return BY_NAME.has(name);
}
