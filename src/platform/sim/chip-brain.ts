import type { Clock } from "../../core/clock.ts";
import { ABSOLUTE_MAX, COMMAND, commandOf, STATUS } from "../../protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../protocol/ch9329/commands.ts";
import type { Ch9329Reply } from "../../protocol/ch9329/replies.ts";
import type { ChipFaults } from "./chip-faults.ts";
import { FACTORY_STRINGS, factoryBlock, readBlock } from "./chip-parameters.ts";
import type { ChipParameters } from "./chip-parameters.ts";
import type { TargetPc } from "./target-pc.ts";

const VERSION = 0x38;
/** After a reset the chip is deaf for a moment, and the computer takes longer to enumerate it. */
export const CHIP_DEAF_MS = 200;
export const CHIP_ENUMERATION_MS = 1000;

export interface ChipBrainOptions {
  readonly clock: Clock;
  readonly target: TargetPc;
  readonly faults: ChipFaults;
  readonly baudRate: number;
}

type ChipRequest<Type extends Ch9329Request["type"]> = Extract<Ch9329Request, { type: Type }>;
type InputRequest = ChipRequest<"keyboard" | "media" | "system" | "absolute" | "relative">;

/** What the chip does with a request that arrived whole: its memory and its USB side. */
export class ChipBrain {
  readonly #clock: Clock;
  readonly #target: TargetPc;
  readonly #faults: ChipFaults;
  /** Flash; `#active` is what the last start made of it. */
  #block: Uint8Array;
  readonly #strings = FACTORY_STRINGS.map((text) => new TextEncoder().encode(text));
  #active: ChipParameters;
  #startedAt = -Infinity;
  #absoluteButtons = 0;
  #relativeButtons = 0;
  #mouseMode: "absolute" | "relative" = "absolute";

  constructor({ clock, target, faults, baudRate }: ChipBrainOptions) {
    this.#clock = clock;
    this.#target = target;
    this.#faults = faults;
    this.#block = factoryBlock(baudRate);
    this.#active = readBlock(this.#block, baudRate);
  }

  get parameters(): ChipParameters {
    return this.#active;
  }

  get mouseMode(): "absolute" | "relative" {
    return this.#mouseMode;
  }

  /** It is restarting and hears nothing. */
  get isDeaf(): boolean {
    return this.#clock.monotonic() - this.#startedAt < CHIP_DEAF_MS;
  }

  get #isEnumerated(): boolean {
    const isUp = this.#clock.monotonic() - this.#startedAt >= CHIP_ENUMERATION_MS;
    return isUp && !this.#faults.notEnumerated && this.#target.state.value.usbReady;
  }

  execute(request: Ch9329Request): Ch9329Reply {
    const command = commandOf(request.type);
    if (request.type === "getInfo") return this.#info();
    const { refuseWith } = this.#faults;
    if (refuseWith !== 0) return { type: "failed", command, status: refuseWith };
    switch (request.type) {
      case "keyboard":
      case "media":
      case "system":
      case "absolute":
      case "relative":
        if (!this.#isEnumerated) return { type: "failed", command, status: STATUS.execution };
        this.#input(request);
        return { type: "done", command };
      case "getParameters":
        return { type: "parameters", command: COMMAND.getParameters, data: this.#block.slice() };
      case "getUsbString":
        return this.#usbString(request.kind);
      case "customHid":
        // Only in custom HID mode, which this chip is not in.
        return { type: "failed", command, status: STATUS.execution };
      default:
        this.#configure(request);
        return { type: "done", command };
    }
  }

  #info(): Ch9329Reply {
    const { leds } = this.#target.state.value;
    const hostReady = this.#isEnumerated;
    return {
      type: "info",
      command: COMMAND.getInfo,
      info: {
        version: VERSION,
        hostReady,
        numLock: hostReady && leds.num,
        capsLock: hostReady && leds.caps,
        scrollLock: hostReady && leds.scroll,
      },
    };
  }

  #usbString(kind: number): Ch9329Reply {
    const text = this.#strings[kind] ?? new Uint8Array();
    return { type: "usbString", command: COMMAND.getUsbString, kind, text };
  }

  #configure(
    request: ChipRequest<"setParameters" | "setUsbString" | "factoryReset" | "reset">,
  ): void {
    switch (request.type) {
      case "setParameters":
        this.#block = request.data.slice();
        return;
      case "setUsbString":
        this.#strings[request.kind] = request.text.slice();
        return;
      case "factoryReset":
        this.#block = factoryBlock();
        return;
      default:
        this.#restart();
    }
  }

  #restart(): void {
    this.#startedAt = this.#clock.monotonic();
    this.#active = readBlock(this.#block, this.#active.baudRate);
    this.#absoluteButtons = 0;
    this.#relativeButtons = 0;
    this.#target.releaseInput();
  }

  #input(request: InputRequest): void {
    const target = this.#target;
    switch (request.type) {
      case "keyboard":
        target.keyboard(request.modifiers, request.keys);
        return;
      case "media":
        target.media(request.bits);
        return;
      case "system":
        target.system(request.bits);
        return;
      case "absolute":
        this.#mouseMode = "absolute";
        this.#absoluteButtons = request.buttons;
        target.moveTo(request.x / ABSOLUTE_MAX, request.y / ABSOLUTE_MAX);
        break;
      default:
        this.#mouseMode = "relative";
        this.#relativeButtons = request.buttons;
        target.moveBy(request.dx, request.dy);
    }
    target.setButtons(this.#absoluteButtons | this.#relativeButtons);
    if (request.wheel !== 0) target.turnWheel(request.wheel);
  }
}
