// Replies of the CH9329 (CH9329 protocol, "Frame" and "Commands"), both ways: a simulated chip encodes them, the driver parses them.
import { COMMAND, PARAMETERS_SIZE, STATUS } from "./commands.ts";
import { encodeFrame } from "./frame.ts";
import type { Ch9329Frame } from "./frame.ts";
import { decodeInfo, encodeInfo } from "./info.ts";
import type { Ch9329Info } from "./info.ts";

/** Set in the command byte of an answer to a request that was executed. */
const SUCCESS = 0x80;
/** Both set: an answer with an error status. */
const FAILURE = 0xc0;

/** A reply by meaning; `command` is that of the request. */
export type Ch9329Reply =
  | { readonly type: "done"; readonly command: number }
  | { readonly type: "failed"; readonly command: number; readonly status: number }
  | { readonly type: "info"; readonly command: 0x01; readonly info: Ch9329Info }
  /** The 50 documented bytes of the parameter block. */
  | { readonly type: "parameters"; readonly command: 0x08; readonly data: Uint8Array }
  | {
      readonly type: "usbString";
      readonly command: 0x0a;
      readonly kind: number;
      readonly text: Uint8Array;
    }
  /** Bytes from the host in custom HID mode; nobody asked for them. */
  | { readonly type: "customHidIn"; readonly command: 0x07; readonly data: Uint8Array }
  /** A frame with a right sum that is no answer the document knows; `command` is the byte as received. */
  | { readonly type: "unknown"; readonly command: number; readonly data: Uint8Array };

export function encodeReply(reply: Ch9329Reply, address = 0): Uint8Array {
  switch (reply.type) {
    case "done":
      return encodeFrame(reply.command | SUCCESS, [STATUS.ok], address);
    case "failed":
      return encodeFrame(reply.command | FAILURE, [reply.status], address);
    case "info":
      return encodeFrame(reply.command | SUCCESS, encodeInfo(reply.info), address);
    case "usbString": {
      const { kind, text } = reply;
      return encodeFrame(reply.command | SUCCESS, [kind, text.length, ...text], address);
    }
    case "unknown":
      return encodeFrame(reply.command, reply.data, address);
    default:
      return encodeFrame(reply.command | SUCCESS, reply.data, address);
  }
}

function parseData(command: number, data: Uint8Array): Ch9329Reply | undefined {
  if (command === COMMAND.getInfo) {
    const info = decodeInfo(data);
    return info && { type: "info", command, info };
  }
  if (command === COMMAND.customHidIn) return { type: "customHidIn", command, data };
  if (command === COMMAND.getParameters && data.length >= PARAMETERS_SIZE) {
    return { type: "parameters", command, data: data.slice(0, PARAMETERS_SIZE) };
  }
  if (command === COMMAND.getUsbString) {
    const [kind, length] = data;
    if (kind === undefined || length === undefined || data.length < 2 + length) return undefined;
    return { type: "usbString", command, kind, text: data.slice(2, 2 + length) };
  }
  return undefined;
}

/** The meaning of a chip's frame. A success answer that carries an error status counts as failed. */
export function parseReply(frame: Ch9329Frame): Ch9329Reply {
  const { data } = frame;
  const command = frame.command & 0x3f;
  const [status] = data;
  const isReply = (frame.command & SUCCESS) !== 0;
  if (isReply && command !== COMMAND.customHidIn && data.length === 1 && status !== undefined) {
    const isFailure = (frame.command & FAILURE) === FAILURE || status !== STATUS.ok;
    return isFailure ? { type: "failed", command, status } : { type: "done", command };
  }
  const parsed = isReply && (frame.command & 0x40) === 0 ? parseData(command, data) : undefined;
  return parsed ?? { type: "unknown", command: frame.command, data };
}
