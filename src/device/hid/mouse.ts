// Pointer logic above the driver (PiKVM API 7.3): clamping, range mapping, mode rules and summing of deltas.
import { clamp } from "../../core/bytes.ts";
import type { HidReport, MouseMode } from "./driver.ts";

export interface MouseRange {
  readonly min: number;
  readonly max: number;
}

export interface MouseOptions {
  readonly xRange: MouseRange;
  readonly yRange: MouseRange;
  /** The mode now; moves that do not fit it are ignored. */
  mode(): MouseMode;
  send(report: HidReport): void;
}

/** API position -32768..32767 into a part of the same range, for hosts with several monitors. */
export function remap(value: number, { min, max }: MouseRange): number {
  if (min === -32_768 && max === 32_767) return value;
  return Math.floor(((value + 32_768) * (max - min)) / 65_535 + min);
}

const clampPosition = (value: number): number => clamp(value, -32_768, 32_767);
const clampDelta = (value: number): number => clamp(value, -127, 127);

/** The mouse: held buttons, last position, and what is sent for each event. */
export class Mouse {
  readonly #options: MouseOptions;
  #buttons = 0;
  #x = 0;
  #y = 0;

  constructor(options: MouseOptions) {
    this.#options = options;
  }

  get buttons(): number {
    return this.#buttons;
  }

  /** The last absolute position in API coordinates, before range mapping. */
  get position(): { readonly x: number; readonly y: number } {
    return { x: this.#x, y: this.#y };
  }

  setButton(bit: number, isPressed: boolean): void {
    const buttons = isPressed ? this.#buttons | bit : this.#buttons & ~bit;
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#options.send({ type: "buttons", buttons });
  }

  releaseButtons(): void {
    if (this.#buttons === 0) return;
    this.#buttons = 0;
    this.#options.send({ type: "buttons", buttons: 0 });
  }

  /** Buttons up, without a report. */
  clear(): void {
    this.#buttons = 0;
  }

  move(x: number, y: number): void {
    if (this.#options.mode() !== "absolute") return;
    this.#x = clampPosition(x);
    this.#y = clampPosition(y);
    this.#options.send({
      type: "absolute",
      x: remap(this.#x, this.#options.xRange),
      y: remap(this.#y, this.#options.yRange),
    });
  }

  /** `deltas` are dx, dy in turn; an odd last number is ignored. With `squash` they are summed as far as they fit. */
  relative(deltas: ArrayLike<number>, squash: boolean): void {
    if (this.#options.mode() === "relative") this.#sendDeltas("relative", deltas, squash);
  }

  wheel(deltas: ArrayLike<number>, squash: boolean): void {
    this.#sendDeltas("wheel", deltas, squash);
  }

  #sendDeltas(type: "relative" | "wheel", deltas: ArrayLike<number>, squash: boolean): void {
    let sumX = 0;
    let sumY = 0;
    for (let index = 0; index + 1 < deltas.length; index += 2) {
      const dx = clampDelta(deltas[index] ?? 0);
      const dy = clampDelta(deltas[index + 1] ?? 0);
      if (!squash) {
        this.#options.send({ type, dx, dy });
      } else if (Math.abs(sumX + dx) <= 127 && Math.abs(sumY + dy) <= 127) {
        sumX += dx;
        sumY += dy;
      } else {
        this.#options.send({ type, dx: sumX, dy: sumY });
        sumX = dx;
        sumY = dy;
      }
    }
    if (sumX !== 0 || sumY !== 0) this.#options.send({ type, dx: sumX, dy: sumY });
  }
}
