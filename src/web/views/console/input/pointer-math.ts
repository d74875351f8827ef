// Pure, so that it can be tested without a browser.

/** A rectangle on the page. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const HALF = 32_768;

/** One axis as the device wants it: -32768 at the first pixel, 32767 at the last. */
function axis(offset: number, size: number): number {
  if (size <= 0) return 0;
  const share = Math.min(1, Math.max(0, offset / size));
  return Math.min(HALF - 1, Math.round(share * 2 * HALF) - HALF);
}

/** A point of the page on the computer's screen, whose picture fills the box. */
export function toScreen(
  x: number,
  y: number,
  box: Box,
): { readonly x: number; readonly y: number } {
  return { x: axis(x - box.left, box.width), y: axis(y - box.top, box.height) };
}

/** Where a picture lies in a box that is not of its shape: as large as possible, in the middle. */
export function containedBox(box: Box, width: number, height: number): Box {
  const scale = Math.min(box.width / width, box.height / height);
  if (!Number.isFinite(scale) || scale <= 0) return box;
  const [w, h] = [width * scale, height * scale];
  return {
    left: box.left + (box.width - w) / 2,
    top: box.top + (box.height - h) / 2,
    width: w,
    height: h,
  };
}

/** Sums motion that is smaller than one step, so that none of it gets lost. */
export class StepSum {
  readonly #unit: number;
  #rest = 0;

  /** What makes one step. */
  constructor(unit: number) {
    this.#unit = unit;
  }

  /** The whole steps; what remains is kept for later. */
  add(amount: number): number {
    // Who turns back does not first have to undo what was left.
    if (amount * this.#rest < 0) this.#rest = 0;
    this.#rest += amount;
    const steps = Math.trunc(this.#rest / this.#unit);
    this.#rest -= steps * this.#unit;
    return steps;
  }
}
