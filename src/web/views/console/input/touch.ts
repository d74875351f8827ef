/** A finger on the picture. */
interface Finger {
  x: number;
  y: number;
}

export interface TouchActions {
  /** Where the first finger is, on the page. */
  readonly point: (x: number, y: number) => void;
  /** How far it went, in pixels; for a mouse that cannot be put somewhere. */
  readonly move: (dx: number, dy: number) => void;
  readonly click: (button: "left" | "right") => void;
  readonly scroll: (dx: number, dy: number) => void;
  /** Milliseconds, growing. */
  readonly now: () => number;
  /** Runs later; the answer takes it back. */
  readonly later: (ms: number, work: () => void) => () => void;
}

const TAP_MS = 350;
const LONG_MS = 550;
/** A finger that moves less than this stays where it is. */
const STILL_PIXELS = 10;

/**
 * Fingers instead of a mouse: one points, a tap clicks, a long press clicks right, two scroll and tap right. Dragging is
 * done with the buttons on the screen.
 */
export class TouchGestures {
  readonly #actions: TouchActions;
  readonly #fingers = new Map<number, Finger>();
  #startedAt = 0;
  #most = 0;
  #travel = 0;
  #cancelLong = (): void => undefined;
  #isSpent = false;

  constructor(actions: TouchActions) {
    this.#actions = actions;
  }

  down(id: number, x: number, y: number): void {
    this.#fingers.set(id, { x, y });
    this.#most = Math.max(this.#most, this.#fingers.size);
    this.#cancelLong();
    if (this.#fingers.size > 1) return;
    this.#startedAt = this.#actions.now();
    this.#travel = 0;
    this.#isSpent = false;
    this.#actions.point(x, y);
    this.#cancelLong = this.#actions.later(LONG_MS, () => this.#pressLong());
  }

  move(id: number, x: number, y: number): void {
    const finger = this.#fingers.get(id);
    if (finger === undefined) return;
    const [dx, dy] = [x - finger.x, y - finger.y];
    finger.x = x;
    finger.y = y;
    this.#travel += Math.hypot(dx, dy);
    if (this.#travel > STILL_PIXELS) this.#cancelLong();
    if (this.#fingers.size === 1 && this.#most === 1) {
      this.#actions.point(x, y);
      this.#actions.move(dx, dy);
    } else if (this.#fingers.size === 2) {
      // Each of the two fingers says half of it. The page follows the fingers, so that it scrolls the other way.
      this.#actions.scroll(-dx / 2, -dy / 2);
    }
  }

  up(id: number): void {
    if (!this.#fingers.delete(id) || this.#fingers.size > 0) return;
    this.#cancelLong();
    const isTap = this.#actions.now() - this.#startedAt < TAP_MS && this.#travel < STILL_PIXELS;
    if (isTap && !this.#isSpent) this.#actions.click(this.#most > 1 ? "right" : "left");
    this.#most = 0;
  }

  cancel(): void {
    this.#cancelLong();
    this.#fingers.clear();
    this.#most = 0;
  }

  #pressLong(): void {
    if (this.#fingers.size !== 1 || this.#travel > STILL_PIXELS) return;
    this.#isSpent = true;
    this.#actions.click("right");
  }
}
