// Requests of kvmd's serial HID protocol (MCU protocol, "Commands"), both ways.
import { FRAME_LENGTH, isSealed, REQUEST_MAGIC, seal } from "./frame.ts";

const COMMAND = {
  ping: 0x01,
  repeat: 0x02,
  setKeyboard: 0x03,
  setMouse: 0x04,
  setConnected: 0x05,
  clear: 0x10,
  key: 0x11,
  move: 0x12,
  buttons: 0x13,
  wheel: 0x14,
  relative: 0x15,
} as const;

/** Codes of the keyboard outputs. */
export const KEYBOARD_OUTPUT = { disabled: 0, usb: 1, ps2: 3 } as const;
/** Codes of the mouse outputs. */
export const MOUSE_OUTPUT = {
  disabled: 0x00,
  usb: 0x08,
  usbRelative: 0x10,
  ps2: 0x18,
  usbWin98: 0x20,
} as const;

/**
 * A request by meaning. `key` is the number of `keys.ts`; `x` and `y` are -32768..32767; deltas are signed bytes.
 * `changed` and `pressed` of the buttons are bits: 1 left, 2 right, 4 middle, 8 back, 16 forward; only changed ones count.
 */
export type McuRequest =
  | { readonly type: "ping" | "repeat" | "clear" }
  | { readonly type: "setKeyboard"; readonly output: number }
  | { readonly type: "setMouse"; readonly output: number }
  | { readonly type: "setConnected"; readonly connected: boolean }
  | { readonly type: "key"; readonly key: number; readonly isDown: boolean }
  | { readonly type: "move"; readonly x: number; readonly y: number }
  | { readonly type: "buttons"; readonly changed: number; readonly pressed: number }
  | { readonly type: "wheel"; readonly dy: number }
  | { readonly type: "relative"; readonly dx: number; readonly dy: number };

/** Button bit, payload byte (0 main, 1 extra), select bit; the state bit stands four lower. */
const BUTTONS = [
  [0x01, 0, 0x80],
  [0x02, 0, 0x40],
  [0x04, 0, 0x20],
  [0x08, 1, 0x80],
  [0x10, 1, 0x40],
] as const;

function buttonBytes(changed: number, pressed: number): [number, number] {
  const bytes: [number, number] = [0, 0];
  for (const [button, at, select] of BUTTONS) {
    if ((changed & button) !== 0) bytes[at] |= select;
    if ((changed & pressed & button) !== 0) bytes[at] |= select >> 4;
  }
  return bytes;
}

function payload(request: McuRequest): readonly number[] {
  switch (request.type) {
    case "setKeyboard":
    case "setMouse":
      return [request.output];
    case "setConnected":
      return [request.connected ? 1 : 0];
    case "key":
      return [request.key, request.isDown ? 1 : 0];
    case "move":
      return [(request.x >> 8) & 0xff, request.x & 0xff, (request.y >> 8) & 0xff, request.y & 0xff];
    case "buttons":
      return buttonBytes(request.changed, request.pressed);
    case "wheel":
      return [0, request.dy & 0xff];
    case "relative":
      return [request.dx & 0xff, request.dy & 0xff];
    default:
      return [];
  }
}

export function encodeMcuRequest(request: McuRequest): Uint8Array {
  const frame = new Uint8Array(FRAME_LENGTH);
  frame[0] = REQUEST_MAGIC;
  frame[1] = COMMAND[request.type];
  frame.set(payload(request), 2);
  return seal(frame);
}

const signed8 = (byte: number): number => (byte << 24) >> 24;
const signed16 = (high: number, low: number): number => (((high << 8) | low) << 16) >> 16;

function parseButtons(main: number, extra: number): McuRequest {
  let changed = 0;
  let pressed = 0;
  for (const [button, at, select] of BUTTONS) {
    const byte = at === 0 ? main : extra;
    if ((byte & select) === 0) continue;
    changed |= button;
    if ((byte & (select >> 4)) !== 0) pressed |= button;
  }
  return { type: "buttons", changed, pressed };
}

type Parser = (payload: readonly [number, number, number, number]) => McuRequest;

const PARSERS: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [COMMAND.ping, () => ({ type: "ping" })],
  [COMMAND.repeat, () => ({ type: "repeat" })],
  [COMMAND.clear, () => ({ type: "clear" })],
  [COMMAND.setKeyboard, ([output]) => ({ type: "setKeyboard", output })],
  [COMMAND.setMouse, ([output]) => ({ type: "setMouse", output })],
  [COMMAND.setConnected, ([flag]) => ({ type: "setConnected", connected: flag === 1 })],
  [COMMAND.key, ([key, down]) => ({ type: "key", key, isDown: down === 1 })],
  [COMMAND.move, ([a, b, c, d]) => ({ type: "move", x: signed16(a, b), y: signed16(c, d) })],
  [COMMAND.buttons, ([main, extra]) => parseButtons(main, extra)],
  [COMMAND.wheel, ([, dy]) => ({ type: "wheel", dy: signed8(dy) })],
  [COMMAND.relative, ([dx, dy]) => ({ type: "relative", dx: signed8(dx), dy: signed8(dy) })],
]);

/** What exactly one frame asks for; "damaged" when it is no whole frame, "unknown" for other commands. */
export function parseMcuRequest(bytes: Uint8Array): McuRequest | "damaged" | "unknown" {
  const isWhole = bytes.length === FRAME_LENGTH && bytes[0] === REQUEST_MAGIC;
  if (!isWhole || !isSealed(bytes, 0, FRAME_LENGTH)) return "damaged";
  const [, command = 0, a = 0, b = 0, c = 0, d = 0] = bytes;
  return PARSERS.get(command)?.([a, b, c, d]) ?? "unknown";
}
