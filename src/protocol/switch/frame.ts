/** Messages in the byte stream of a unit (README, "A message stands between"). */

const ESCAPE = 0xf0;
const BEGIN = 0xf1;
const END = 0xf2;
/** The longest message, an EDID, is far below; anything longer is noise. */
const MAX_MESSAGE = 512;

/** A message with its frame around it. */
export function encodeSwitchFrame(message: Uint8Array): Uint8Array {
  const frame: number[] = [BEGIN];
  for (const byte of message) {
    if (byte >= ESCAPE && byte <= END) frame.push(ESCAPE, byte ^ 0xff);
    else frame.push(byte);
  }
  frame.push(END);
  return Uint8Array.from(frame);
}

/**
 * Finds messages in chunks of any size. A beginning inside of a message starts anew, so that one lost byte costs one
 * message; holds at most 512 bytes. The callback gets a copy, synchronously and in order.
 */
export class SwitchParser {
  readonly #onMessage: (message: Uint8Array) => void;
  #message: number[] = [];
  #isInside = false;
  #isEscaped = false;

  constructor(onMessage: (message: Uint8Array) => void) {
    this.#onMessage = onMessage;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  #take(byte: number): void {
    if (byte === BEGIN) {
      this.#message = [];
      this.#isInside = true;
      this.#isEscaped = false;
      return;
    }
    if (!this.#isInside) return;
    if (byte === END) {
      this.#isInside = false;
      if (!this.#isEscaped) this.#onMessage(Uint8Array.from(this.#message));
    } else if (byte === ESCAPE) {
      this.#isEscaped = true;
    } else {
      this.#message.push(this.#isEscaped ? byte ^ 0xff : byte);
      this.#isEscaped = false;
      if (this.#message.length > MAX_MESSAGE) this.#isInside = false;
    }
  }
}
