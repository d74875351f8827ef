// Binary frames of `/api/ws` (PiKVM API 5.6). Deliberately different from the original: a raw evdev code that no key
// has is dropped like any other malformed frame.
import { mouseButtonByEvdev, mouseButtonByName } from "../hid/usages.ts";
import { webKeyByEvdev, webKeyByName } from "../hid/web-keys.ts";
import { MAX_MOVES_PER_EVENT } from "./ws-control.ts";
import type { ControlOutcome, ControlSink } from "./ws-control.ts";

const OP = { ping: 0, key: 1, button: 2, move: 3, relative: 4, wheel: 5 } as const;
const FLAG_PRESSED = 0x01;
const FLAG_FINISH = 0x02;
const FLAG_SQUASH = 0x01;
const FLAG_EVDEV = 0x80;
const MAX_NAME_BYTES = 32;

/** The answer to a ping. */
export const BINARY_PONG: Uint8Array = Uint8Array.of(0xff);

/** The ASCII text from the third byte on. */
function nameIn(bytes: Uint8Array): string {
  const end = Math.min(bytes.length, 2 + MAX_NAME_BYTES);
  let name = "";
  for (let index = 2; index < end; index += 1) name += String.fromCodePoint(bytes[index] ?? 0);
  return name.trim();
}

function evdevIn(bytes: Uint8Array): number {
  return bytes.length === 4 ? ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0) : 0;
}

function decodeKey(bytes: Uint8Array, sink: ControlSink): ControlOutcome {
  const flags = bytes[1] ?? 0;
  const key =
    (flags & FLAG_EVDEV) === 0 ? webKeyByName(nameIn(bytes)) : webKeyByEvdev(evdevIn(bytes));
  if (key === undefined) return "invalid";
  sink.key(key.name, (flags & FLAG_PRESSED) !== 0, (flags & FLAG_FINISH) !== 0);
  return "done";
}

function decodeButton(bytes: Uint8Array, sink: ControlSink): ControlOutcome {
  const flags = bytes[1] ?? 0;
  const button =
    (flags & FLAG_EVDEV) === 0
      ? mouseButtonByName(nameIn(bytes).toLowerCase())
      : mouseButtonByEvdev(evdevIn(bytes));
  if (button === undefined) return "invalid";
  sink.button(button.name, (flags & FLAG_PRESSED) !== 0);
  return "done";
}

/** A signed big-endian 16-bit number. */
function int16At(bytes: Uint8Array, index: number): number {
  return (((bytes[index] ?? 0) << 24) | ((bytes[index + 1] ?? 0) << 16)) >> 16;
}

function decodeMove(bytes: Uint8Array, sink: ControlSink): ControlOutcome {
  if (bytes.length !== 5) return "invalid";
  sink.move(int16At(bytes, 1), int16At(bytes, 3));
  return "done";
}

/** The signed dx, dy pairs after the flags; undefined when the frame is malformed. */
function deltasIn(bytes: Uint8Array): Int8Array | undefined {
  const count = bytes.length - 2;
  if (count < 0 || count % 2 !== 0 || count / 2 > MAX_MOVES_PER_EVENT) return undefined;
  return new Int8Array(bytes.buffer, bytes.byteOffset + 2, count);
}

function decodeDeltas(bytes: Uint8Array, sink: ControlSink, isWheel: boolean): ControlOutcome {
  const deltas = deltasIn(bytes);
  if (deltas === undefined) return "invalid";
  const squash = ((bytes[1] ?? 0) & FLAG_SQUASH) !== 0;
  if (isWheel) sink.wheel(deltas, squash);
  else sink.relative(deltas, squash);
  return "done";
}

/**
 * Decodes one frame into the sink. Never throws for the frame's sake. An empty frame ends the session: the caller has
 * to look for it first.
 */
export function decodeBinaryFrame(bytes: Uint8Array, sink: ControlSink): ControlOutcome {
  switch (bytes[0]) {
    case OP.ping:
      return "ping";
    case OP.key:
      return decodeKey(bytes, sink);
    case OP.button:
      return decodeButton(bytes, sink);
    case OP.move:
      return decodeMove(bytes, sink);
    case OP.relative:
      return decodeDeltas(bytes, sink, false);
    case OP.wheel:
      return decodeDeltas(bytes, sink, true);
    default:
      return "unknown";
  }
}
