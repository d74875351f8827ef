// Requests to the CH9329 (CH9329 protocol, "Commands"), both ways: the driver encodes them, a simulated chip parses them.
import { encodeFrame } from "./frame.ts";
import type { Ch9329Frame } from "./frame.ts";

export const COMMAND = {
  getInfo: 0x01,
  keyboard: 0x02,
  media: 0x03,
  absolute: 0x04,
  relative: 0x05,
  customHid: 0x06,
  /** Chip to host, unsolicited. */
  customHidIn: 0x07,
  getParameters: 0x08,
  setParameters: 0x09,
  getUsbString: 0x0a,
  setUsbString: 0x0b,
  factoryReset: 0x0c,
  reset: 0x0f,
} as const;

/** Status byte of replies. */
export const STATUS = {
  ok: 0x00,
  /** A byte of the frame came too late. */
  timeout: 0xe1,
  header: 0xe2,
  unknownCommand: 0xe3,
  checksum: 0xe4,
  parameter: 0xe5,
  /** The frame was fine, but the computer did not take the report: not enumerated, or asleep. */
  execution: 0xe6,
} as const;

/** Mouse coordinates are 0..4095 on both axes; 4096 is refused by the chip. */
export const ABSOLUTE_MAX = 4095;
/** Deltas are -127..127; -128 is not valid. */
export const DELTA_MAX = 127;
export const PARAMETERS_SIZE = 50;
export const USB_STRING_MAX = 23;
const KEY_SLOTS = 6;

/**
 * A request by meaning. `keys` holds at most six usages of page 07; `bits` of media is the bitmap of `media.ts`, of
 * system 1 power, 2 sleep, 4 wake; `buttons` 1 left, 2 right, 4 middle (8 back and 16 forward are outside the document).
 * `kind` of a USB string: 0 manufacturer, 1 product, 2 serial number.
 */
export type Ch9329Request =
  | { readonly type: "getInfo" }
  | { readonly type: "keyboard"; readonly modifiers: number; readonly keys: readonly number[] }
  | { readonly type: "media"; readonly bits: number }
  | { readonly type: "system"; readonly bits: number }
  | {
      readonly type: "absolute";
      readonly buttons: number;
      readonly x: number;
      readonly y: number;
      readonly wheel: number;
    }
  | {
      readonly type: "relative";
      readonly buttons: number;
      readonly dx: number;
      readonly dy: number;
      readonly wheel: number;
    }
  | { readonly type: "customHid"; readonly data: Uint8Array }
  | { readonly type: "getParameters" }
  | { readonly type: "setParameters"; readonly data: Uint8Array }
  | { readonly type: "getUsbString"; readonly kind: number }
  | { readonly type: "setUsbString"; readonly kind: number; readonly text: Uint8Array }
  | { readonly type: "factoryReset" }
  | { readonly type: "reset" };

/** The command byte that carries a request. */
export function commandOf(type: Ch9329Request["type"]): number {
  return type === "system" ? COMMAND.media : COMMAND[type];
}

function keyboardData(modifiers: number, keys: readonly number[]): Uint8Array {
  const data = new Uint8Array(2 + KEY_SLOTS);
  data[0] = modifiers;
  for (let index = 0; index < KEY_SLOTS; index += 1) data[2 + index] = keys[index] ?? 0;
  return data;
}

function dataOf(request: Ch9329Request): Uint8Array | readonly number[] {
  switch (request.type) {
    case "keyboard":
      return keyboardData(request.modifiers, request.keys);
    case "media":
      return [0x02, request.bits & 0xff, (request.bits >> 8) & 0xff, (request.bits >> 16) & 0xff];
    case "system":
      return [0x01, request.bits];
    case "absolute": {
      const { buttons, x, y, wheel } = request;
      return [0x02, buttons, x & 0xff, x >> 8, y & 0xff, y >> 8, wheel & 0xff];
    }
    case "relative":
      return [0x01, request.buttons, request.dx & 0xff, request.dy & 0xff, request.wheel & 0xff];
    case "customHid":
    case "setParameters":
      return request.data;
    case "getUsbString":
      return [request.kind];
    case "setUsbString":
      return [request.kind, request.text.length, ...request.text];
    default:
      return [];
  }
}

/** Frame of a request. Ranges are the caller's duty: the chip answers E5 to what it does not like. */
export function encodeRequest(request: Ch9329Request, address = 0): Uint8Array {
  return encodeFrame(commandOf(request.type), dataOf(request), address);
}

/** A parsed request, or the status byte with which a chip refuses the frame. */
export type ParsedRequest =
  | { readonly ok: true; readonly request: Ch9329Request }
  | { readonly ok: false; readonly status: number };

const signed = (byte: number): number => (byte << 24) >> 24;

function isDelta(byte: number): boolean {
  return byte !== 0x80;
}

function parseMedia(data: Uint8Array): Ch9329Request | undefined {
  const [kind, first = 0, second = 0, third = 0] = data;
  if (kind === 0x02 && data.length === 4) {
    return { type: "media", bits: first | (second << 8) | (third << 16) };
  }
  if (kind === 0x01 && data.length === 2) return { type: "system", bits: first };
  return undefined;
}

function parseAbsolute(data: Uint8Array): Ch9329Request | undefined {
  const [kind, buttons = 0, xLow = 0, xHigh = 0, yLow = 0, yHigh = 0, wheel = 0] = data;
  const x = xLow | (xHigh << 8);
  const y = yLow | (yHigh << 8);
  if (kind !== 0x02 || data.length !== 7 || x > ABSOLUTE_MAX || y > ABSOLUTE_MAX) return undefined;
  return { type: "absolute", buttons, x, y, wheel: signed(wheel) };
}

function parseRelative(data: Uint8Array): Ch9329Request | undefined {
  const [kind, buttons = 0, dx = 0, dy = 0, wheel = 0] = data;
  if (kind !== 0x01 || data.length !== 5 || !isDelta(dx) || !isDelta(dy)) return undefined;
  return { type: "relative", buttons, dx: signed(dx), dy: signed(dy), wheel: signed(wheel) };
}

function parseKeyboard(data: Uint8Array): Ch9329Request | undefined {
  const [modifiers, reserved] = data;
  if (modifiers === undefined || reserved !== 0 || data.length !== 2 + KEY_SLOTS) return undefined;
  return { type: "keyboard", modifiers, keys: [...data.subarray(2)].filter((key) => key !== 0) };
}

function parseSetUsbString(data: Uint8Array): Ch9329Request | undefined {
  const [kind, length] = data;
  if (kind === undefined || kind > 2 || length === undefined || length > USB_STRING_MAX) {
    return undefined;
  }
  if (data.length !== 2 + length) return undefined;
  return { type: "setUsbString", kind, text: data.slice(2) };
}

function parseGetUsbString(data: Uint8Array): Ch9329Request | undefined {
  const [kind] = data;
  if (kind === undefined || kind > 2 || data.length !== 1) return undefined;
  return { type: "getUsbString", kind };
}

function whenEmpty(data: Uint8Array, request: Ch9329Request): Ch9329Request | undefined {
  return data.length === 0 ? request : undefined;
}

type DataParser = (data: Uint8Array) => Ch9329Request | undefined;

const PARSERS: ReadonlyMap<number, DataParser> = new Map<number, DataParser>([
  [COMMAND.getInfo, (data) => whenEmpty(data, { type: "getInfo" })],
  [COMMAND.keyboard, parseKeyboard],
  [COMMAND.media, parseMedia],
  [COMMAND.absolute, parseAbsolute],
  [COMMAND.relative, parseRelative],
  [COMMAND.customHid, (data) => ({ type: "customHid", data })],
  [COMMAND.getParameters, (data) => whenEmpty(data, { type: "getParameters" })],
  [
    COMMAND.setParameters,
    (data) => (data.length === PARAMETERS_SIZE ? { type: "setParameters", data } : undefined),
  ],
  [COMMAND.getUsbString, parseGetUsbString],
  [COMMAND.setUsbString, parseSetUsbString],
  [COMMAND.factoryReset, (data) => whenEmpty(data, { type: "factoryReset" })],
  [COMMAND.reset, (data) => whenEmpty(data, { type: "reset" })],
]);

/** What a frame asks a chip for; E3 for commands it does not know, E5 for data outside the documented ranges. */
export function parseRequest(frame: Ch9329Frame): ParsedRequest {
  const parse = PARSERS.get(frame.command);
  if (parse === undefined) return { ok: false, status: STATUS.unknownCommand };
  const request = parse(frame.data);
  return request === undefined ? { ok: false, status: STATUS.parameter } : { ok: true, request };
}
