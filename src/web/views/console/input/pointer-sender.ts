import { clampDelta, moveFrame, relativeFrame, wheelFrame } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { StepSum } from "./pointer-math.ts";

/** No more often than a mouse reports. */
const EVERY_MS = 8;
/** Pixels, or lines, for one step of a wheel. */
const WHEEL_PIXELS = 100;
const WHEEL_LINES = 3;
const LINES = 1;

export interface PointerSenderOptions {
  /** False when there is no connection. */
  readonly send: (frame: Frame) => boolean;
  /** Bytes that the network has not taken yet. */
  readonly backlog: () => number;
  /** Milliseconds, growing. */
  readonly now: () => number;
  /** Runs later; the answer takes it back. */
  readonly later: (ms: number, work: () => void) => () => void;
}

/**
 * Sends where the mouse is. While the network is busy the newest position replaces the one that waits, and motion is
 * summed: what arrives is late by what the network takes, never by what has piled up.
 */
export class PointerSender {
  readonly #options: PointerSenderOptions;
  readonly #wheelX = new StepSum(WHEEL_PIXELS);
  readonly #wheelY = new StepSum(WHEEL_PIXELS);
  #target: { readonly x: number; readonly y: number } | undefined;
  #dx = 0;
  #dy = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  reversesWheel = false;

  constructor(options: PointerSenderOptions) {
    this.#options = options;
  }

  /** Both from -32768 to 32767. */
  moveTo(x: number, y: number): void {
    this.#target = { x, y };
    this.#sendSoon();
  }

  /** In pixels. */
  moveBy(dx: number, dy: number): void {
    this.#dx += dx;
    this.#dy += dy;
    this.#sendSoon();
  }

  /** As a `WheelEvent` says it. */
  wheel(deltaX: number, deltaY: number, deltaMode: number): void {
    const unit = deltaMode === LINES ? WHEEL_PIXELS / WHEEL_LINES : 1;
    const direction = this.reversesWheel ? -1 : 1;
    const x = this.#wheelX.add(deltaX * unit * direction);
    const y = this.#wheelY.add(deltaY * unit * direction);
    // Down is negative (PiKVM API 5.6).
    if (x !== 0 || y !== 0) this.#options.send(wheelFrame(x, -y));
  }

  /** Sends what waits, before a button that belongs to it. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const target = this.#target;
    this.#target = undefined;
    this.#sentAt = this.#options.now();
    if (target !== undefined) this.#options.send(moveFrame(target.x, target.y));
    while (Math.trunc(this.#dx) !== 0 || Math.trunc(this.#dy) !== 0) {
      const [x, y] = [clampDelta(this.#dx), clampDelta(this.#dy)];
      this.#dx -= x;
      this.#dy -= y;
      if (!this.#options.send(relativeFrame(x, y))) this.#dx = this.#dy = 0;
    }
  }

  #sendSoon(): void {
    if (this.#cancelTimer !== undefined) return;
    const rest = this.#sentAt + EVERY_MS - this.#options.now();
    if (rest <= 0 && this.#options.backlog() === 0) this.flush();
    else this.#cancelTimer = this.#options.later(Math.max(rest, 1), () => this.#trySend());
  }

  #trySend(): void {
    this.#cancelTimer = undefined;
    if (this.#options.backlog() === 0) this.flush();
    else this.#sendSoon();
  }
}
