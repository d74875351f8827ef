import { clamp } from "../../core/bytes.ts";
import { ABSOLUTE_MAX, COMMAND } from "../../protocol/ch9329/commands.ts";
import { absoluteReport, buttonsOf, NO_MOTION, relativeReport } from "./ch9329-frames.ts";
import type { RelativeMotion } from "./ch9329-frames.ts";
import type { MouseMode } from "./driver.ts";
import type { PointerReport } from "./report-queue.ts";
import type { Outgoing } from "./serial-chip.ts";

/** Buttons of the protocol document; the two beyond it are tried until the chip refuses them. */
const DOCUMENTED_BUTTONS = 0x07;
const ALL_BUTTONS = 0x1f;
/** Added to the buttons of a mouse until its last report was taken. */
const DOUBT = 0x100;

/** -32768..32767 to 0..4095. */
function toChip(coordinate: number): number {
  return clamp((coordinate + 32_768) >> 4, 0, ABSOLUTE_MAX);
}

function isAnyDown(buttons: number): boolean {
  return (buttons & ALL_BUTTONS) !== 0;
}

/**
 * The chip's two mice. The host adds up the buttons of both, so a button is released on the mouse that it was pressed
 * on. While no position is known yet, buttons and wheel go by the relative mouse: an absolute report would move the
 * pointer.
 */
export class Ch9329Pointer {
  mode: MouseMode = "absolute";
  /** Wanted buttons. */
  #buttons = 0;
  #buttonMask = ALL_BUTTONS;
  /** Buttons that may be down on either mouse: those of the last report that was taken, and of all since then. */
  #absoluteDown = 0;
  #relativeDown = 0;
  #position: { readonly x: number; readonly y: number } | undefined;

  /** Unknown buttons count as pressed. The position is kept: without one the absolute mouse cannot be released. */
  forget(): void {
    this.#buttons = 0;
    this.#buttonMask = ALL_BUTTONS;
    this.#absoluteDown = ALL_BUTTONS | DOUBT;
    this.#relativeDown = ALL_BUTTONS | DOUBT;
  }

  hold(buttons: number): void {
    this.#buttons = buttons;
  }

  /** The chip took a report of either mouse. */
  confirm(report: Outgoing): void {
    if (report.expected === COMMAND.absolute) this.#absoluteDown = buttonsOf(report);
    if (report.expected === COMMAND.relative) this.#relativeDown = buttonsOf(report);
  }

  /** The chip called a report wrong: extra buttons that are held may be the reason, and are left out from now on. */
  doubtExtraButtons(): void {
    if ((this.#buttons & ~DOCUMENTED_BUTTONS) !== 0) this.#buttonMask = DOCUMENTED_BUTTONS;
  }

  encode(report: PointerReport, out: Outgoing[]): void {
    if (report.buttons !== undefined) this.#buttons = report.buttons;
    if (this.mode === "relative") {
      this.#encodeRelative(report, out);
      return;
    }
    const { position } = report;
    if (position !== undefined) this.#position = { x: toChip(position.x), y: toChip(position.y) };
    this.#encodeAbsolute(report, out);
  }

  /** Buttons up on both mice; the position stays. */
  release(): readonly Outgoing[] {
    this.#buttons = 0;
    return this.#bothMice(0, 0);
  }

  /** Wanted buttons on the mouse of the mode, none on the other. */
  restore(): readonly Outgoing[] {
    const buttons = this.#buttons & this.#buttonMask;
    const isRelative = this.mode === "relative" || this.#position === undefined;
    return isRelative ? this.#bothMice(buttons, 0) : this.#bothMice(0, buttons);
  }

  /** In relative mode an absolute report is sent only if it has to release something: it may move the pointer. */
  #bothMice(relativeButtons: number, absoluteButtons: number): Outgoing[] {
    const out: Outgoing[] = [this.#relative(NO_MOTION, relativeButtons)];
    if (this.mode === "absolute" || isAnyDown(this.#absoluteDown)) {
      this.#absolute(absoluteButtons, 0, out);
    }
    return out;
  }

  #encodeRelative({ dx, dy, wheelY }: PointerReport, out: Outgoing[]): void {
    if (isAnyDown(this.#absoluteDown)) this.#absolute(0, 0, out);
    this.#move({ dx, dy, wheel: wheelY }, out);
  }

  #encodeAbsolute({ position, wheelY }: PointerReport, out: Outgoing[]): void {
    if (this.#position === undefined) {
      this.#move({ ...NO_MOTION, wheel: wheelY }, out);
      return;
    }
    const buttons = this.#buttons & this.#buttonMask;
    if (isAnyDown(this.#relativeDown)) out.push(this.#relative(NO_MOTION, 0));
    if (position === undefined && wheelY === 0 && buttons === this.#absoluteDown) return;
    this.#absolute(buttons, wheelY, out);
  }

  /** A relative report with the wanted buttons, unless it would change nothing. */
  #move(motion: RelativeMotion, out: Outgoing[]): void {
    const buttons = this.#buttons & this.#buttonMask;
    const isStill = motion.dx === 0 && motion.dy === 0 && motion.wheel === 0;
    if (isStill && buttons === this.#relativeDown) return;
    out.push(this.#relative(motion, buttons));
  }

  #relative(motion: RelativeMotion, buttons: number): Outgoing {
    const areButtonsNew = buttons !== this.#relativeDown;
    this.#relativeDown |= buttons | DOUBT;
    return relativeReport(motion, buttons, areButtonsNew);
  }

  /** Nothing while no position is known. */
  #absolute(buttons: number, wheel: number, out: Outgoing[]): void {
    if (this.#position === undefined) return;
    this.#absoluteDown |= buttons | DOUBT;
    out.push(absoluteReport(this.#position, buttons, wheel));
  }
}
