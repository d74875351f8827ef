import { clamp } from "../../core/bytes.ts";
import { ABSOLUTE_MAX } from "../../protocol/ch9329/commands.ts";
import { absoluteReport, NO_MOTION, relativeReport } from "./ch9329-frames.ts";
import type { MouseMode } from "./driver.ts";
import type { PointerReport } from "./report-queue.ts";
import type { Outgoing } from "./serial-chip.ts";

/** Buttons of the protocol document; the two beyond it are tried until the chip refuses them. */
const DOCUMENTED_BUTTONS = 0x07;
const ALL_BUTTONS = 0x1f;

/** -32768..32767 to 0..4095. */
function toChip(coordinate: number): number {
  return clamp((coordinate + 32_768) >> 4, 0, ABSOLUTE_MAX);
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
  /** Buttons of the last report of either mouse. */
  #absoluteButtons = 0;
  #relativeButtons = 0;
  #position: { readonly x: number; readonly y: number } | undefined;

  forget(): void {
    this.#buttons = 0;
    this.#buttonMask = ALL_BUTTONS;
    this.#absoluteButtons = 0;
    this.#relativeButtons = 0;
    this.#position = undefined;
  }

  hold(buttons: number): void {
    this.#buttons = buttons;
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

  #bothMice(relativeButtons: number, absoluteButtons: number): Outgoing[] {
    this.#relativeButtons = relativeButtons;
    this.#absoluteButtons = absoluteButtons;
    const relative = relativeReport(NO_MOTION, relativeButtons, true);
    if (this.#position === undefined) return [relative];
    return [relative, absoluteReport(this.#position, absoluteButtons, 0)];
  }

  #encodeRelative({ dx, dy, wheelY }: PointerReport, out: Outgoing[]): void {
    if (this.#absoluteButtons !== 0 && this.#position !== undefined) {
      this.#absoluteButtons = 0;
      out.push(absoluteReport(this.#position, 0, 0));
    }
    this.#sendRelative(dx, dy, wheelY, out);
  }

  #encodeAbsolute({ position, wheelY }: PointerReport, out: Outgoing[]): void {
    if (this.#position === undefined) {
      this.#sendRelative(0, 0, wheelY, out);
      return;
    }
    const buttons = this.#buttons & this.#buttonMask;
    if (this.#relativeButtons !== 0) {
      this.#relativeButtons = 0;
      out.push(relativeReport(NO_MOTION, 0, true));
    }
    if (position === undefined && wheelY === 0 && buttons === this.#absoluteButtons) return;
    this.#absoluteButtons = buttons;
    out.push(absoluteReport(this.#position, buttons, wheelY));
  }

  #sendRelative(dx: number, dy: number, wheel: number, out: Outgoing[]): void {
    const buttons = this.#buttons & this.#buttonMask;
    const areButtonsNew = buttons !== this.#relativeButtons;
    if (!areButtonsNew && dx === 0 && dy === 0 && wheel === 0) return;
    this.#relativeButtons = buttons;
    out.push(relativeReport({ dx, dy, wheel }, buttons, areButtonsNew));
  }
}
