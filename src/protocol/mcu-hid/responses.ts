// Responses of kvmd's serial HID protocol (MCU protocol, "Response"), both ways.
import {
  FRAME_LENGTH,
  isSealed,
  LEGACY_LENGTH,
  REQUEST_MAGIC,
  RESPONSE_MAGIC,
  seal,
} from "./frame.ts";

/** State of the microcontroller, part of every successful response. */
export interface McuPong {
  readonly capsLock: boolean;
  readonly scrollLock: boolean;
  readonly numLock: boolean;
  /** The computer takes reports of that device. */
  readonly keyboardOnline: boolean;
  readonly mouseOnline: boolean;
  readonly resetRequired: boolean;
  /** Present when the outputs can be changed at run time. Codes as in `commands.ts`. */
  readonly outputs?: {
    readonly keyboard: number;
    readonly mouse: number;
    readonly hasUsb: boolean;
    readonly hasPs2: boolean;
    readonly hasWin98: boolean;
  };
  /** Present on boards with a USB switch. */
  readonly connected?: boolean;
}

/**
 * `none`: the device restarted, there is nothing to repeat. `timeout`: bytes of the request came too slowly.
 * `legacyOk`: old firmware that tells no state.
 */
export type McuResponse =
  | { readonly type: "pong"; readonly pong: McuPong }
  | { readonly type: "legacyOk" | "none" | "crc" | "invalid" | "timeout" }
  | { readonly type: "unknown"; readonly code: number };

const CODES = { legacyOk: 0x20, none: 0x24, crc: 0x40, invalid: 0x45, timeout: 0x48 } as const;
const PONG = 0x80;
/** Bits of the code byte; caps lock comes first here, unlike in USB reports. */
const CAPS = 0x01;
const SCROLL = 0x02;
const NUM = 0x04;
const KEYBOARD_OFFLINE = 0x08;
const MOUSE_OFFLINE = 0x10;
const RESET_REQUIRED = 0x40;
/** Bits of the first output byte. */
const DYNAMIC = 0x80;
const KEYBOARD_MASK = 0x07;
const MOUSE_MASK = 0x38;
/** Bits of the second output byte. */
const CONNECTABLE = 0x80;
const CONNECTED = 0x40;
const HAS_USB = 0x01;
const HAS_PS2 = 0x02;
const HAS_WIN98 = 0x04;

const NAMES: ReadonlyMap<number, keyof typeof CODES> = new Map([
  [CODES.legacyOk, "legacyOk"],
  [CODES.none, "none"],
  [CODES.crc, "crc"],
  [CODES.invalid, "invalid"],
  [CODES.timeout, "timeout"],
]);

const flag = (isSet: boolean | undefined, bit: number): number => (isSet === true ? bit : 0);

function pongBytes(pong: McuPong): readonly [code: number, first: number, second: number] {
  const { outputs, connected } = pong;
  const code =
    PONG |
    flag(pong.capsLock, CAPS) |
    flag(pong.scrollLock, SCROLL) |
    flag(pong.numLock, NUM) |
    flag(!pong.keyboardOnline, KEYBOARD_OFFLINE) |
    flag(!pong.mouseOnline, MOUSE_OFFLINE) |
    flag(pong.resetRequired, RESET_REQUIRED);
  const first = outputs === undefined ? 0 : DYNAMIC | outputs.keyboard | outputs.mouse;
  const second =
    flag(connected !== undefined, CONNECTABLE) |
    flag(connected, CONNECTED) |
    flag(outputs?.hasUsb, HAS_USB) |
    flag(outputs?.hasPs2, HAS_PS2) |
    flag(outputs?.hasWin98, HAS_WIN98);
  return [code, first, second];
}

export function encodeMcuResponse(response: McuResponse): Uint8Array {
  const frame = new Uint8Array(FRAME_LENGTH);
  frame[0] = RESPONSE_MAGIC;
  if (response.type === "pong") frame.set(pongBytes(response.pong), 1);
  else frame[1] = response.type === "unknown" ? response.code : CODES[response.type];
  return seal(frame);
}

/** The four bytes of old firmware. */
export function encodeLegacyResponse(code: number): Uint8Array {
  return seal(Uint8Array.of(REQUEST_MAGIC, code, 0, 0));
}

function parsePong(code: number, first: number, second: number): McuPong {
  const outputs = {
    keyboard: first & KEYBOARD_MASK,
    mouse: first & MOUSE_MASK,
    hasUsb: (second & HAS_USB) !== 0,
    hasPs2: (second & HAS_PS2) !== 0,
    hasWin98: (second & HAS_WIN98) !== 0,
  };
  return {
    capsLock: (code & CAPS) !== 0,
    scrollLock: (code & SCROLL) !== 0,
    numLock: (code & NUM) !== 0,
    keyboardOnline: (code & KEYBOARD_OFFLINE) === 0,
    mouseOnline: (code & MOUSE_OFFLINE) === 0,
    resetRequired: (code & RESET_REQUIRED) !== 0,
    ...((first & DYNAMIC) !== 0 && { outputs }),
    ...((second & CONNECTABLE) !== 0 && { connected: (second & CONNECTED) !== 0 }),
  };
}

/** Decodes a code with its two output bytes (zero in the short form). */
function parseCode(code: number, first: number, second: number): McuResponse {
  if ((code & PONG) !== 0) return { type: "pong", pong: parsePong(code, first, second) };
  const type = NAMES.get(code);
  return type === undefined ? { type: "unknown", code } : { type };
}

const BUFFER_SIZE = 64;

/**
 * Finds responses of both forms in a byte stream of arbitrary chunks; whatever has a wrong CRC is searched byte by byte
 * for the next one. Holds at most 64 bytes. The callback must not call the parser.
 */
export class McuResponseParser {
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #onResponse: (response: McuResponse) => void;
  readonly #onNoise: (length: number) => void;
  #length = 0;

  constructor(
    onResponse: (response: McuResponse) => void,
    onNoise: (length: number) => void = () => undefined,
  ) {
    this.#onResponse = onResponse;
    this.#onNoise = onNoise;
  }

  get pending(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      const part = bytes.subarray(taken, taken + BUFFER_SIZE - this.#length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
      taken += part.length;
      this.#scan(false);
    }
  }

  /** The line has been silent for too long: gives up on an incomplete response. */
  expire(): void {
    this.#scan(true);
  }

  #scan(isFinal: boolean): void {
    let position = 0;
    let noise = 0;
    while (position < this.#length) {
      const length = this.#frameLength(position);
      if (length === undefined && !isFinal) break;
      if (length === undefined || length === 0) {
        position += 1;
        noise += 1;
        continue;
      }
      if (noise > 0) this.#onNoise(noise);
      noise = 0;
      this.#deliver(position, length);
      position += length;
    }
    if (noise > 0) this.#onNoise(noise);
    this.#buffer.copyWithin(0, position, this.#length);
    this.#length -= position;
  }

  /** Length of the response at `start`, 0 when there is none, undefined while undecided. */
  #frameLength(start: number): number | undefined {
    const magic = this.#buffer[start];
    if (magic !== REQUEST_MAGIC && magic !== RESPONSE_MAGIC) return 0;
    const length = magic === RESPONSE_MAGIC ? FRAME_LENGTH : LEGACY_LENGTH;
    if (this.#length - start < length) return undefined;
    return isSealed(this.#buffer, start, length) ? length : 0;
  }

  #deliver(start: number, length: number): void {
    const isLong = length === FRAME_LENGTH;
    const code = this.#buffer[start + 1] ?? 0;
    const first = isLong ? (this.#buffer[start + 2] ?? 0) : 0;
    const second = isLong ? (this.#buffer[start + 3] ?? 0) : 0;
    this.#onResponse(parseCode(code, first, second));
  }
}
