// The input devices of the computer that the USB gadget is plugged into (dummy_hcd: this same machine).
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { until } from "./wait.ts";

/** Of linux/input-event-codes.h. */
export const EV = { syn: 0, key: 1, rel: 2, abs: 3, led: 17 } as const;
export const KEY = { a: 30, b: 48, leftShift: 42, capsLock: 58, left: 272, right: 273 } as const;
export const AXIS = { x: 0, y: 1, wheel: 8 } as const;
export const LED_CAPS = 1;

/** `struct input_event` of 64-bit machines: time, type, code, value. */
const EVENT_BYTES = 24;
const TYPE_AT = 16;
const POLL_MS = 5;

export interface InputEvent {
  readonly type: number;
  readonly code: number;
  readonly value: number;
  /** By `performance.now()`. */
  readonly at: number;
}

export type InputKind = "keyboard" | "absolute" | "relative";

const capability = (path: string, name: string): bigint => {
  const text = readFileSync(`${path}/device/capabilities/${name}`, "utf8").trim();
  return BigInt(`0x${text.split(" ").at(-1) ?? "0"}`);
};

function isKind(path: string, kind: InputKind): boolean {
  switch (kind) {
    case "keyboard":
      return capability(path, "led") !== 0n;
    case "absolute":
      return (capability(path, "abs") & 3n) === 3n;
    case "relative":
      return (capability(path, "rel") & 3n) === 3n;
  }
}

/** Node of such a device behind the gadget; undefined when there is none now. */
export function findInput(kind: InputKind): string | undefined {
  const root = "/sys/class/input";
  const names = readdirSync(root).filter((name) => name.startsWith("event"));
  const name = names.find(
    (name) =>
      realpathSync(`${root}/${name}`).includes("dummy_hcd") && isKind(`${root}/${name}`, kind),
  );
  return name === undefined ? undefined : `/dev/input/${name}`;
}

/** Collects what a device reports. Reads without blocking: a blocked read would hold the process for ever. */
export class InputReader {
  readonly events: InputEvent[] = [];
  readonly path: string;
  readonly #descriptor: number;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#timer = setInterval(() => {
      this.#read();
    }, POLL_MS);
  }

  /** Waits for the device to be there. */
  static async open(kind: InputKind): Promise<InputReader> {
    return new InputReader(await until(`an input device (${kind})`, () => findInput(kind)));
  }

  #read(): void {
    const buffer = Buffer.alloc(EVENT_BYTES * 64);
    let count = 0;
    try {
      count = readSync(this.#descriptor, buffer);
    } catch {
      // Nothing to read, or unplugged: the scenario notices by what does not come.
    }
    const at = performance.now();
    for (let start = 0; start + EVENT_BYTES <= count; start += EVENT_BYTES) {
      const type = buffer.readUInt16LE(start + TYPE_AT);
      const code = buffer.readUInt16LE(start + TYPE_AT + 2);
      const value = buffer.readInt32LE(start + TYPE_AT + 4);
      if (type !== EV.syn) this.events.push({ type, code, value, at });
    }
  }

  /** The first such event since the device was opened or forgotten. */
  next(type: number, code: number, value?: number): Promise<InputEvent> {
    return until(`event ${type}/${code}/${value ?? "any"} of ${this.path}`, () =>
      this.events.find(
        (event) =>
          event.type === type &&
          event.code === code &&
          (value === undefined || event.value === value),
      ),
    );
  }

  forget(): void {
    this.events.length = 0;
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#descriptor);
  }
}

/** The computer switches a light of its keyboards. */
export function setLed(path: string, code: number, isLit: boolean): void {
  const event = Buffer.alloc(EVENT_BYTES * 2);
  event.writeUInt16LE(EV.led, TYPE_AT);
  event.writeUInt16LE(code, TYPE_AT + 2);
  event.writeInt32LE(isLit ? 1 : 0, TYPE_AT + 4);
  writeFileSync(path, event);
}
