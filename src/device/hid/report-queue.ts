import { clamp } from "../../core/bytes.ts";
import type { HidReport } from "./driver.ts";

/** One frame's worth of pointer changes: at most one step of every delta. */
export interface PointerReport {
  readonly type: "pointer";
  /** Button state to take on with this report; undefined leaves the buttons alone. */
  readonly buttons: number | undefined;
  /** Position to go to; undefined leaves the pointer where it is. */
  readonly position: { readonly x: number; readonly y: number } | undefined;
  /** Deltas, -127..127. */
  readonly dx: number;
  readonly dy: number;
  readonly wheelX: number;
  readonly wheelY: number;
}

type KeyReport = Extract<HidReport, { type: "keyboard" | "consumer" | "system" }>;
type DiscreteType = KeyReport["type"] | "buttons";

export type QueuedReport = KeyReport | PointerReport;

interface Entry {
  /** Sequence number of the oldest report inside. */
  readonly sequence: number;
  readonly key: KeyReport | undefined;
  readonly buttons: number | undefined;
  readonly motion: Motion | undefined;
}

const CAPACITY = 1024;
const STEP = 127;
/** So many keys in a row pass plain motion that waits: a key with its modifiers, down and up. */
const KEYS_BEFORE_MOTION = 4;
/** A slow link must not let the pointer crawl on for seconds: motion beyond this many steps is lost. */
const DELTA_LIMIT = 16 * STEP;

const RELEASED: Readonly<Record<DiscreteType, QueuedReport>> = {
  keyboard: { type: "keyboard", modifiers: 0, keys: [] },
  consumer: { type: "consumer", usage: 0 },
  system: { type: "system", control: 0 },
  buttons: {
    type: "pointer",
    buttons: 0,
    position: undefined,
    dx: 0,
    dy: 0,
    wheelX: 0,
    wheelY: 0,
  },
};

const step = (sum: number): number => clamp(sum, -STEP, STEP);
const add = (sum: number, delta: number): number => clamp(sum + delta, -DELTA_LIMIT, DELTA_LIMIT);

/** What moves and wheel turns add up to until the link is free. */
class Motion {
  /** Sequence number of the oldest report inside; 0 = nothing inside. */
  since = 0;
  hasPosition = false;
  x = 0;
  y = 0;
  dx = 0;
  dy = 0;
  wheelX = 0;
  wheelY = 0;

  get hasWheel(): boolean {
    return this.wheelX !== 0 || this.wheelY !== 0;
  }

  get hasDeltas(): boolean {
    return this.dx !== 0 || this.dy !== 0 || this.hasWheel;
  }

  clear(): void {
    this.since = 0;
    this.hasPosition = false;
    this.dx = 0;
    this.dy = 0;
    this.wheelX = 0;
    this.wheelY = 0;
  }

  /** Removes one step. The buttons belong to the step that leaves nothing behind. */
  takeStep(buttons: number | undefined): PointerReport {
    const dx = step(this.dx);
    const dy = step(this.dy);
    const wheelX = step(this.wheelX);
    const wheelY = step(this.wheelY);
    this.dx -= dx;
    this.dy -= dy;
    this.wheelX -= wheelX;
    this.wheelY -= wheelY;
    const position = this.hasPosition ? { x: this.x, y: this.y } : undefined;
    this.hasPosition = false;
    const isLast = !this.hasDeltas;
    return {
      type: "pointer",
      buttons: isLast ? buttons : undefined,
      position,
      dx,
      dy,
      wheelX,
      wheelY,
    };
  }
}

/**
 * What waits for the link (CH9329 protocol, "Recommended driver design"): key and button states in order, plus one
 * accumulator in which the newest absolute position wins and relative motion and wheel turns are summed.
 *
 * Order: a button state takes the motion in front of it along, in one report. A key goes behind earlier wheel turns, but
 * passes plain motion, so that under a flood of moves it waits for nothing but the report in flight; after four keys
 * it is the motion's turn. Memory: 1024 states, and no allocation for a move.
 */
export class ReportQueue {
  readonly #entries: (Entry | undefined)[] = Array.from({ length: CAPACITY }, () => undefined);
  /** Types of which a state was refused. The refused one may have been a release, so the released state is owed. */
  readonly #owed = new Set<DiscreteType>();
  #motion = new Motion();
  #head = 0;
  #count = 0;
  #pointerEntries = 0;
  #sequence = 0;
  #keysInRow = 0;

  /** Nothing waits at all. */
  get isEmpty(): boolean {
    return this.#count === 0 && this.#motion.since === 0 && this.#owed.size === 0;
  }

  /** A key or button state waits. */
  get hasStates(): boolean {
    return this.#count > 0 || this.#owed.size > 0;
  }

  /** Number of the newest accepted report, for `hasPassed`. */
  get sequence(): number {
    return this.#sequence;
  }

  /** False: the queue is full and the report is not in it; the released state of its kind follows once the queue is empty. */
  push(report: HidReport): boolean {
    switch (report.type) {
      case "absolute":
      case "relative":
      case "wheel":
        this.#addMotion(report);
        return true;
      case "buttons":
        return this.#pushButtons(report.buttons);
      default:
        return this.#pushKey(report);
    }
  }

  /** Removes and returns what goes out next. */
  take(): QueuedReport | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return this.#takeMotion() ?? this.#takeOwed();
    if (entry.motion !== undefined) return this.#takePointer(entry, entry.motion);
    if (this.#isMotionsTurn()) return this.#takeMotion();
    this.#keysInRow = this.#motion.since === 0 ? 0 : this.#keysInRow + 1;
    this.#shift();
    return entry.key;
  }

  /** Everything accepted up to that sequence number was taken or dropped. */
  hasPassed(sequence: number): boolean {
    const { since } = this.#motion;
    if (since !== 0 && since <= sequence) return false;
    for (let offset = 0; offset < this.#count; offset += 1) {
      const entry = this.#entries[(this.#head + offset) % CAPACITY];
      if (entry !== undefined && entry.sequence <= sequence) return false;
    }
    return true;
  }

  /** Drops moves and wheel turns that do not precede a button state. */
  dropMotion(): void {
    this.#motion.clear();
  }

  clear(): void {
    while (this.#count > 0) this.#shift();
    this.#motion.clear();
    this.#owed.clear();
    this.#keysInRow = 0;
  }

  /** Plain motion behind which no button state waits, and which enough keys have passed. */
  #isMotionsTurn(): boolean {
    if (this.#keysInRow < KEYS_BEFORE_MOTION || this.#pointerEntries > 0) return false;
    return this.#motion.since !== 0 && !this.#motion.hasWheel;
  }

  #addMotion(report: Extract<HidReport, { type: "absolute" | "relative" | "wheel" }>): void {
    const motion = this.#motion;
    this.#sequence += 1;
    if (motion.since === 0) motion.since = this.#sequence;
    if (report.type === "absolute") {
      motion.hasPosition = true;
      motion.x = report.x;
      motion.y = report.y;
    } else if (report.type === "relative") {
      motion.dx = add(motion.dx, report.dx);
      motion.dy = add(motion.dy, report.dy);
    } else {
      motion.wheelX = add(motion.wheelX, report.dx);
      motion.wheelY = add(motion.wheelY, report.dy);
    }
  }

  #pushButtons(buttons: number): boolean {
    if (!this.#hasRoom("buttons", 1)) return false;
    this.#flushMotion(buttons);
    return true;
  }

  #pushKey(key: KeyReport): boolean {
    const { hasWheel } = this.#motion;
    if (!this.#hasRoom(key.type, hasWheel ? 2 : 1)) return false;
    if (hasWheel) this.#flushMotion(undefined);
    this.#sequence += 1;
    this.#append({ sequence: this.#sequence, key, buttons: undefined, motion: undefined });
    return true;
  }

  #hasRoom(type: DiscreteType, places: number): boolean {
    const hasRoom = this.#count + places <= CAPACITY;
    if (hasRoom) this.#owed.delete(type);
    else this.#owed.add(type);
    return hasRoom;
  }

  /** Puts the motion so far into the ordered list, with the button state that follows it. */
  #flushMotion(buttons: number | undefined): void {
    const motion = this.#motion;
    this.#sequence += 1;
    const sequence = motion.since === 0 ? this.#sequence : motion.since;
    this.#motion = new Motion();
    this.#pointerEntries += 1;
    this.#append({ sequence, key: undefined, buttons, motion });
  }

  #append(entry: Entry): void {
    this.#entries[(this.#head + this.#count) % CAPACITY] = entry;
    this.#count += 1;
  }

  #shift(): void {
    if (this.#entries[this.#head]?.motion !== undefined) this.#pointerEntries -= 1;
    this.#entries[this.#head] = undefined;
    this.#head = (this.#head + 1) % CAPACITY;
    this.#count -= 1;
  }

  #takePointer(entry: Entry, motion: Motion): PointerReport {
    const report = motion.takeStep(entry.buttons);
    if (!motion.hasDeltas) this.#shift();
    return report;
  }

  #takeMotion(): PointerReport | undefined {
    const motion = this.#motion;
    if (motion.since === 0) return undefined;
    this.#keysInRow = 0;
    const report = motion.takeStep(undefined);
    // What is left over counts as the newest: under an endless flood the older reports have passed nevertheless.
    motion.since = motion.hasDeltas ? this.#sequence : 0;
    return report;
  }

  #takeOwed(): QueuedReport | undefined {
    for (const type of this.#owed) {
      this.#owed.delete(type);
      return RELEASED[type];
    }
    return undefined;
  }
}
