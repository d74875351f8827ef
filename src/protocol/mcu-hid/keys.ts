/** First and last usage of page 07 and the MCU's number of the first (MCU protocol, "MCU key numbers"). */
const RANGES: readonly (readonly [first: number, last: number, number: number])[] = [
  [0x04, 0x31, 1], // A to Z, 1 to 0, Enter to Backslash
  [0x32, 0x32, 46], // the other Backslash of ISO keyboards
  [0x33, 0x46, 47], // Semicolon to CapsLock, F1 to F12, PrintScreen
  [0x49, 0x52, 67], // Insert to ArrowUp
  [0xe0, 0xe7, 77], // modifiers
  [0x48, 0x48, 85], // Pause
  [0x47, 0x47, 86], // ScrollLock
  [0x53, 0x53, 87], // NumLock
  [0x65, 0x65, 88], // ContextMenu
  [0x54, 0x63, 89], // numeric keypad
  [0x66, 0x66, 105], // Power
  [0x64, 0x64, 106], // IntlBackslash
  [0x89, 0x89, 107], // IntlYen
  [0x87, 0x88, 108], // IntlRo, KanaMode
  [0x8a, 0x8b, 110], // Convert, NonConvert
  [0x7f, 0x81, 112], // mute, volume up, volume down
  [0x6f, 0x73, 115], // F20 to F24
  [0x68, 0x6e, 120], // F13 to F19
];

function buildNumbers(): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (const [first, last, number] of RANGES) {
    for (let usage = first; usage <= last; usage += 1) numbers.set(usage, number + usage - first);
  }
  return numbers;
}

const NUMBERS = buildNumbers();

/** The MCU's number of a usage of page 07; undefined for keys that it does not have. */
export function mcuKeyOf(usage: number): number | undefined {
  return NUMBERS.get(usage);
}
