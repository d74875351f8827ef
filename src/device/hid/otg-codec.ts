// What the input functions of the gadget are told (hardware notes 3.4), and the state that each of them should show.
import {
  absoluteMouseReport,
  consumerReport,
  keyboardReport,
  relativeMouseReport,
  systemReport,
} from "../../protocol/hid/report.ts";
import { MEDIA_REPORT } from "../../protocol/hid/descriptors.ts";
import { concatBytes } from "../../core/bytes.ts";
import type { HidReport } from "./driver.ts";
import type { QueuedReport } from "./report-queue.ts";

/** One function of the gadget: from reports to bytes. */
export interface OtgCodec {
  /** Takes note of the state that is wanted in the end. */
  note(report: HidReport): void;
  /** Appends the bytes of what goes out next. */
  encode(report: QueuedReport, out: Uint8Array[]): void;
  /** Everything released, for the computer. */
  zeros(): readonly Uint8Array[];
  /** The wanted state as a whole. */
  held(): readonly Uint8Array[];
  /** Nothing is wanted any more. */
  clear(): void;
}

export class KeyboardCodec implements OtgCodec {
  #modifiers = 0;
  #keys: readonly number[] = [];

  note(report: HidReport): void {
    if (report.type !== "keyboard") return;
    this.#modifiers = report.modifiers;
    this.#keys = report.keys;
  }

  encode(report: QueuedReport, out: Uint8Array[]): void {
    if (report.type === "keyboard") out.push(keyboardReport(report.modifiers, report.keys));
  }

  zeros(): readonly Uint8Array[] {
    return [keyboardReport(0, [])];
  }

  held(): readonly Uint8Array[] {
    return [keyboardReport(this.#modifiers, this.#keys)];
  }

  clear(): void {
    this.#modifiers = 0;
    this.#keys = [];
  }
}

const numbered = (id: number, bytes: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(id), bytes);

/** Media keys and power keys, each with a report of its own. */
export class MediaCodec implements OtgCodec {
  #usage = 0;
  #control: 0 | 1 | 2 | 3 = 0;

  note(report: HidReport): void {
    if (report.type === "consumer") this.#usage = report.usage;
    if (report.type === "system") this.#control = report.control;
  }

  encode(report: QueuedReport, out: Uint8Array[]): void {
    if (report.type === "consumer") {
      out.push(numbered(MEDIA_REPORT.consumer, consumerReport(report.usage)));
    } else if (report.type === "system") {
      out.push(numbered(MEDIA_REPORT.system, systemReport(report.control)));
    }
  }

  zeros(): readonly Uint8Array[] {
    return this.#reports(0, 0);
  }

  held(): readonly Uint8Array[] {
    return this.#reports(this.#usage, this.#control);
  }

  clear(): void {
    this.#usage = 0;
    this.#control = 0;
  }

  #reports(usage: number, control: 0 | 1 | 2 | 3): readonly Uint8Array[] {
    return [
      numbered(MEDIA_REPORT.consumer, consumerReport(usage)),
      numbered(MEDIA_REPORT.system, systemReport(control)),
    ];
  }
}

interface Position {
  readonly x: number;
  readonly y: number;
}

const CENTER: Position = { x: 0, y: 0 };
const STILL = { wheelX: 0, wheelY: 0 } as const;

export class AbsoluteMouseCodec implements OtgCodec {
  readonly #options: { readonly hasHorizontalWheel: boolean };
  /** As last encoded. */
  #buttons = 0;
  #position = CENTER;
  #wantedButtons = 0;
  #wantedPosition = CENTER;

  constructor(hasHorizontalWheel: boolean) {
    this.#options = { hasHorizontalWheel };
  }

  note(report: HidReport): void {
    if (report.type === "buttons") this.#wantedButtons = report.buttons;
    if (report.type === "absolute") this.#wantedPosition = report;
  }

  encode(report: QueuedReport, out: Uint8Array[]): void {
    if (report.type !== "pointer") return;
    const { wheelX, wheelY } = report;
    this.#buttons = report.buttons ?? this.#buttons;
    this.#position = report.position ?? this.#position;
    out.push(this.#report(this.#buttons, this.#position, { wheelX, wheelY }));
  }

  /** The pointer stays where it is. */
  zeros(): readonly Uint8Array[] {
    return [this.#report(0, this.#position, STILL)];
  }

  held(): readonly Uint8Array[] {
    this.#buttons = this.#wantedButtons;
    this.#position = this.#wantedPosition;
    return [this.#report(this.#buttons, this.#position, STILL)];
  }

  clear(): void {
    this.#buttons = 0;
    this.#wantedButtons = 0;
  }

  #report(
    buttons: number,
    { x, y }: Position,
    wheel: { readonly wheelX: number; readonly wheelY: number },
  ): Uint8Array {
    return absoluteMouseReport({ buttons, x, y, ...wheel }, this.#options);
  }
}

export class RelativeMouseCodec implements OtgCodec {
  readonly #options: { readonly hasHorizontalWheel: boolean };
  #buttons = 0;
  #wantedButtons = 0;

  constructor(hasHorizontalWheel: boolean) {
    this.#options = { hasHorizontalWheel };
  }

  note(report: HidReport): void {
    if (report.type === "buttons") this.#wantedButtons = report.buttons;
  }

  encode(report: QueuedReport, out: Uint8Array[]): void {
    if (report.type !== "pointer") return;
    const { dx, dy, wheelX, wheelY } = report;
    this.#buttons = report.buttons ?? this.#buttons;
    const mouse = { buttons: this.#buttons, dx, dy, wheelX, wheelY };
    out.push(relativeMouseReport(mouse, this.#options));
  }

  zeros(): readonly Uint8Array[] {
    return [this.#still(0)];
  }

  held(): readonly Uint8Array[] {
    this.#buttons = this.#wantedButtons;
    return [this.#still(this.#buttons)];
  }

  clear(): void {
    this.#buttons = 0;
    this.#wantedButtons = 0;
  }

  #still(buttons: number): Uint8Array {
    return relativeMouseReport({ buttons, dx: 0, dy: 0, ...STILL }, this.#options);
  }
}
