// Input reports of the USB HID functions, byte for byte (hardware notes 3.4). Pure builders; the caller owns the result.

const KEY_SLOTS = 6;

/** Boot keyboard: modifiers, reserved, six slots. Usages beyond the sixth are left out. */
export function keyboardReport(modifiers: number, keys: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 + KEY_SLOTS);
  bytes[0] = modifiers;
  for (let slot = 0; slot < KEY_SLOTS; slot += 1) bytes[2 + slot] = keys[slot] ?? 0;
  return bytes;
}

/** API coordinate -32768..32767 to the report's 0..32767. */
export function absoluteAxis(value: number): number {
  return (value + 32_768) >> 1;
}

export interface AbsoluteMouse {
  readonly buttons: number;
  /** API coordinates, -32768..32767. */
  readonly x: number;
  readonly y: number;
  readonly wheelX: number;
  readonly wheelY: number;
}

export interface ReportOptions {
  /** The descriptor has the horizontal wheel byte. */
  readonly hasHorizontalWheel?: boolean;
  /** Windows 98 halves positions, so they are sent doubled. */
  readonly isWin98?: boolean;
}

export function absoluteMouseReport(mouse: AbsoluteMouse, options: ReportOptions = {}): Uint8Array {
  const shift = options.isWin98 === true ? 1 : 0;
  const x = absoluteAxis(mouse.x) << shift;
  const y = absoluteAxis(mouse.y) << shift;
  const bytes = [mouse.buttons, x & 0xff, x >> 8, y & 0xff, y >> 8, mouse.wheelY];
  if (options.hasHorizontalWheel === true) bytes.push(mouse.wheelX);
  return Uint8Array.from(bytes);
}

export interface RelativeMouse {
  readonly buttons: number;
  /** Steps and deltas are -127..127. */
  readonly dx: number;
  readonly dy: number;
  readonly wheelX: number;
  readonly wheelY: number;
}

export function relativeMouseReport(mouse: RelativeMouse, options: ReportOptions = {}): Uint8Array {
  const bytes = [mouse.buttons, mouse.dx, mouse.dy, mouse.wheelY];
  if (options.hasHorizontalWheel === true) bytes.push(mouse.wheelX);
  return Uint8Array.from(bytes);
}

/** One held usage of page 0C, 0 for none. */
export function consumerReport(usage: number): Uint8Array {
  return Uint8Array.of(usage & 0xff, usage >> 8);
}

/** 0 none, 1 power, 2 sleep, 3 wake. */
export function systemReport(control: 0 | 1 | 2 | 3): Uint8Array {
  return Uint8Array.of(control);
}
