// Driver of microcontrollers with kvmd's serial HID protocol (MCU protocol). Deliberately different from kvmd: an
// answer is missed after 0.5 s instead of 2 s, because the request that follows then only asks to repeat it.
import {
  encodeMcuRequest,
  KEYBOARD_OUTPUT,
  MOUSE_OUTPUT,
} from "../../protocol/mcu-hid/commands.ts";
import type { McuRequest } from "../../protocol/mcu-hid/commands.ts";
import { McuResponseParser } from "../../protocol/mcu-hid/responses.ts";
import type { McuPong, McuResponse } from "../../protocol/mcu-hid/responses.ts";
import type { HidCapabilities, HidDriver, HidReport, MouseMode } from "./driver.ts";
import { EMPTY_STATE, pointerRequests, stateRequests } from "./mcu-requests.ts";
import type { McuHostState } from "./mcu-requests.ts";
import type { QueuedReport } from "./report-queue.ts";
import type { ChipStatus, Judged, Outgoing, SerialHidChip, Verdict } from "./serial-chip.ts";
import { SerialHid } from "./serial-hid.ts";
import type { SerialHidOptions } from "./serial-hid.ts";
import type { ReplyDecoder } from "./serial-line.ts";

const REPLY_TIMEOUT_MS = 500;
/** The request may have been executed: asking for its answer once more cannot press a key twice. */
const ASK_AGAIN: Verdict = {
  type: "again",
  bytes: encodeMcuRequest({ type: "repeat" }),
  delayMs: 500,
};

const KEYBOARD_CODES: ReadonlyMap<string, number> = new Map(Object.entries(KEYBOARD_OUTPUT));

function outgoing(request: McuRequest, role: Outgoing["role"] = "report"): Outgoing {
  const bytes = encodeMcuRequest(request);
  return { bytes, expected: 0, again: bytes, role };
}

function keyboardOutputName(code: number): string {
  for (const [name, value] of KEYBOARD_CODES) if (value === code) return name;
  return "disabled";
}

function toStatus(pong: McuPong): ChipStatus {
  const { outputs, connected } = pong;
  return {
    version: "HID",
    hostReady: pong.keyboardOnline || pong.mouseOnline,
    leds: { num: pong.numLock, caps: pong.capsLock, scroll: pong.scrollLock },
    ...(outputs !== undefined && { keyboardOutput: keyboardOutputName(outputs.keyboard) }),
    ...(connected !== undefined && { connected }),
    ...(pong.resetRequired && { trouble: "The MCU has to be reset to use the chosen outputs" }),
  };
}

const LEGACY_STATUS: ChipStatus = {
  version: "HID (old firmware)",
  hostReady: null,
  leds: { num: false, caps: false, scroll: false },
};

/** What is known of one microcontroller and how to talk to it. */
export class McuChip implements SerialHidChip<McuResponse> {
  readonly name = "MCU";
  readonly baudRates = [115_200];
  readonly failureLimit = 5;
  /** It forgets an incomplete request after a gap of 100 ms. */
  readonly settleMs = 150;
  readonly pollIdleMs = 250;
  readonly resetQuietMs = 100;
  mouseMode: MouseMode = "absolute";
  /** What the computer shall have, and what was sent to get it there. */
  #wanted: McuHostState = EMPTY_STATE;
  #sent: McuHostState = EMPTY_STATE;
  #pong: McuPong | undefined;

  get capabilities(): HidCapabilities {
    const outputs = this.#pong?.outputs;
    const keyboardOutputs =
      outputs === undefined
        ? []
        : [...(outputs.hasUsb ? ["usb"] : []), ...(outputs.hasPs2 ? ["ps2"] : []), "disabled"];
    return {
      absolute: true,
      relative: true,
      leds: true,
      wheelHorizontal: false,
      consumer: false,
      detachable: this.#pong?.connected !== undefined,
      keyboardOutputs,
      mouseOutputs: outputs?.hasUsb === true ? ["usb", "usb_rel"] : [],
    };
  }

  createDecoder(onReply: (reply: McuResponse) => void): ReplyDecoder {
    return new McuResponseParser(onReply);
  }

  /** Responses do not say what they answer. */
  accepts(): boolean {
    return true;
  }

  replyTimeoutMs(): number {
    return REPLY_TIMEOUT_MS;
  }

  poll(): Outgoing {
    return outgoing({ type: "ping" }, "poll");
  }

  /** There is no reset by wire; releasing everything is what comes nearest. */
  reset(): Outgoing {
    return outgoing({ type: "clear" }, "reset");
  }

  /** Its answers may be what gets lost: nothing shall stay pressed. */
  recovery(): { readonly request: Outgoing; readonly waitMs: number } {
    return { request: outgoing({ type: "clear" }), waitMs: 0 };
  }

  forget(): void {
    this.#wanted = EMPTY_STATE;
    this.#sent = EMPTY_STATE;
  }

  begin(): readonly Outgoing[] {
    return this.switchMouse();
  }

  encode(report: QueuedReport, out: Outgoing[]): void {
    if (report.type === "pointer") {
      for (const request of pointerRequests(report, this.mouseMode)) out.push(outgoing(request));
      if (report.buttons === undefined) return;
      this.hold({ type: "buttons", buttons: report.buttons });
    } else this.hold(report);
    this.#catchUp(out);
  }

  hold(report: HidReport): void {
    if (report.type === "keyboard") {
      this.#wanted = { ...this.#wanted, modifiers: report.modifiers, keys: report.keys };
    } else if (report.type === "buttons") {
      this.#wanted = { ...this.#wanted, buttons: report.buttons };
    }
  }

  release(): readonly Outgoing[] {
    this.forget();
    return [outgoing({ type: "clear" })];
  }

  restore(): readonly Outgoing[] {
    const out = [outgoing({ type: "clear" })];
    this.#sent = EMPTY_STATE;
    this.#catchUp(out);
    return out;
  }

  switchMouse(): readonly Outgoing[] {
    const output = this.mouseMode === "absolute" ? MOUSE_OUTPUT.usb : MOUSE_OUTPUT.usbRelative;
    const outputs = this.#pong?.outputs;
    const isRight = outputs === undefined || outputs.mouse === output || !outputs.hasUsb;
    const release = this.release();
    return isRight ? release : [...release, outgoing({ type: "setMouse", output }, "setup")];
  }

  /** Nothing for outputs that the board does not have. */
  chooseKeyboard(name: string): readonly Outgoing[] {
    const output = KEYBOARD_CODES.get(name);
    if (output === undefined || !this.capabilities.keyboardOutputs.includes(name)) return [];
    return [...this.release(), outgoing({ type: "setKeyboard", output }, "setup")];
  }

  connect(connected: boolean): readonly Outgoing[] {
    if (this.#pong?.connected === undefined) return [];
    return [...this.release(), outgoing({ type: "setConnected", connected }, "setup")];
  }

  judge(request: Outgoing, _attempt: number, outcome: Judged<McuResponse>): Verdict {
    if (outcome.type === "timeout") return ASK_AGAIN;
    const { reply } = outcome;
    switch (reply.type) {
      case "pong":
        this.#pong = reply.pong;
        return { type: "done", status: toStatus(reply.pong) };
      case "legacyOk":
        return { type: "done", status: LEGACY_STATUS };
      case "crc":
      case "timeout":
        return { type: "again", bytes: request.bytes, delayMs: 0 };
      case "none":
        // It restarted and holds nothing: what is wanted has to be sent anew.
        return { type: "hostAbsent" };
      case "invalid":
        return { type: "refused", reason: "MCU: request not known" };
      default:
        return ASK_AGAIN;
    }
  }

  #catchUp(out: Outgoing[]): void {
    for (const request of stateRequests(this.#sent, this.#wanted)) out.push(outgoing(request));
    this.#sent = this.#wanted;
  }
}

/** The driver of a microcontroller on a serial port; nothing happens before `run`. */
export function createMcuHid(options: SerialHidOptions): HidDriver {
  const mcu = new McuChip();
  const hid = new SerialHid(options, mcu);
  return Object.assign(hid, {
    setKeyboardOutput(output: string) {
      hid.configure(mcu.chooseKeyboard(output));
    },
    setConnected(connected: boolean) {
      hid.configure(mcu.connect(connected));
    },
  });
}
