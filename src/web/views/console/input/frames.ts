// Frames of input for `/api/ws` (PiKVM API 5.6).

export type Frame = Uint8Array<ArrayBuffer>;
export type MouseButton = "left" | "right" | "middle" | "up" | "down";

const KEY = 1;
const BUTTON = 2;
const MOVE = 3;
const RELATIVE = 4;
const WHEEL = 5;
const PRESSED = 1;
const FINISH = 2;

/** Asks whether the other end is there. */
export const PING: Frame = Uint8Array.of(0);

const encoder = new TextEncoder();
const known = new Map<string, Frame>();

function named(opcode: number, flags: number, name: string): Frame {
  const id = `${opcode} ${flags} ${name}`;
  let frame = known.get(id);
  if (frame === undefined) {
    const text = encoder.encode(name);
    frame = new Uint8Array(text.length + 2);
    frame[0] = opcode;
    frame[1] = flags;
    frame.set(text, 2);
    known.set(id, frame);
  }
  return frame;
}

/** `code` of a `KeyboardEvent`. With `finish` the device lets go by itself, so that a lost release repeats nothing. */
export function keyFrame(code: string, isPressed: boolean, finish = false): Frame {
  return named(KEY, (isPressed ? PRESSED : 0) | (finish ? FINISH : 0), code);
}

export function buttonFrame(button: MouseButton, isPressed: boolean): Frame {
  return named(BUTTON, isPressed ? PRESSED : 0, button);
}

const move = new Uint8Array(5);
const moveView = new DataView(move.buffer);
move[0] = MOVE;

/** Both from -32768 to 32767. The frame is valid until the next one is made. */
export function moveFrame(x: number, y: number): Frame {
  moveView.setInt16(1, x);
  moveView.setInt16(3, y);
  return move;
}

function deltaFrame(opcode: number, x: number, y: number): Frame {
  const frame = new Uint8Array(4);
  frame[0] = opcode;
  new DataView(frame.buffer).setInt8(2, clampDelta(x));
  new DataView(frame.buffer).setInt8(3, clampDelta(y));
  return frame;
}

/** What fits into one report. */
export function clampDelta(value: number): number {
  return Math.max(-127, Math.min(127, Math.trunc(value)));
}

export const relativeFrame = (x: number, y: number): Frame => deltaFrame(RELATIVE, x, y);
export const wheelFrame = (x: number, y: number): Frame => deltaFrame(WHEEL, x, y);
