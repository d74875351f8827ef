// Driver of the CH9329 (CH9329 protocol, "Recommended driver design"). Deliberately different: a key passes plain
// motion that waits (see `report-queue.ts`).
import { COMMAND, STATUS } from "../../protocol/ch9329/commands.ts";
import { formatVersion } from "../../protocol/ch9329/info.ts";
import type { Ch9329Info } from "../../protocol/ch9329/info.ts";
import { mediaBitsOf } from "../../protocol/ch9329/media.ts";
import { Ch9329Parser } from "../../protocol/ch9329/parser.ts";
import { parseReply } from "../../protocol/ch9329/replies.ts";
import type { Ch9329Reply } from "../../protocol/ch9329/replies.ts";
import { outgoing } from "./ch9329-frames.ts";
import { Ch9329Pointer } from "./ch9329-pointer.ts";
import type { HidCapabilities, HidDriver, HidReport, MouseMode } from "./driver.ts";
import type { QueuedReport } from "./report-queue.ts";
import type { ChipStatus, Judged, Outgoing, SerialHidChip, Verdict } from "./serial-chip.ts";
import { SerialHid } from "./serial-hid.ts";
import type { SerialHidOptions } from "./serial-hid.ts";
import type { ReplyDecoder } from "./serial-line.ts";

const MAX_REPEATS = 2;
/** 1 power, 2 sleep, 3 wake to the bits of the system report. */
const SYSTEM_BITS = [0x00, 0x01, 0x02, 0x04] as const;

const REFUSALS: Readonly<Record<number, string>> = {
  [STATUS.header]: "header wrong",
  [STATUS.unknownCommand]: "command unknown",
  [STATUS.parameter]: "parameter wrong",
  [STATUS.execution]: "not in this mode",
};

function toStatus(info: Ch9329Info): ChipStatus {
  return {
    version: formatVersion(info.version),
    hostReady: info.hostReady,
    leds: { num: info.numLock, caps: info.capsLock, scroll: info.scrollLock },
  };
}

/** What is known of one CH9329 and how to talk to it. */
export class Ch9329Chip implements SerialHidChip<Ch9329Reply> {
  readonly name = "CH9329";
  readonly capabilities: HidCapabilities = {
    absolute: true,
    relative: true,
    leds: true,
    wheelHorizontal: false,
    consumer: true,
    keyboardOutputs: [],
    mouseOutputs: ["usb", "usb_rel"],
  };
  readonly baudRates = [9600, 115_200];
  readonly failureLimit = 3;
  readonly settleMs = 50;
  readonly pollIdleMs = 500;
  readonly resetQuietMs = 1000;
  readonly #pointer = new Ch9329Pointer();
  #modifiers = 0;
  #keys: readonly number[] = [];
  /** A complete state is being sent, and the keyboard part of it was taken. */
  #proof: "none" | "pending" | "keyboard" = "none";
  /** Commands that fail although the keyboard works: parts that the chip's work mode leaves out. */
  readonly #missing = new Set<number>();

  get mouseMode(): MouseMode {
    return this.#pointer.mode;
  }

  set mouseMode(mode: MouseMode) {
    this.#pointer.mode = mode;
  }

  createDecoder(onReply: (reply: Ch9329Reply) => void): ReplyDecoder {
    return new Ch9329Parser((result) => {
      if (result.type === "frame") onReply(parseReply(result.frame));
    });
  }

  accepts(expected: number, reply: Ch9329Reply): boolean {
    return reply.type !== "unknown" && reply.command === expected;
  }

  /** 150 ms at 9600 baud, 60 ms at 115200: the bytes of both frames three times over, and the computer's polling. */
  replyTimeoutMs(baudRate: number): number {
    return Math.round(52 + 940_800 / baudRate);
  }

  poll(): Outgoing {
    return outgoing({ type: "getInfo" }, "poll");
  }

  reset(): Outgoing {
    return outgoing({ type: "reset" }, "reset");
  }

  recovery(): { readonly request: Outgoing; readonly waitMs: number } {
    return { request: this.reset(), waitMs: 2000 };
  }

  forget(): void {
    this.#modifiers = 0;
    this.#keys = [];
    this.#proof = "none";
    this.#missing.clear();
    this.#pointer.forget();
  }

  begin(): readonly Outgoing[] {
    return this.release();
  }

  encode(report: QueuedReport, out: Outgoing[]): void {
    switch (report.type) {
      case "keyboard":
        this.hold(report);
        out.push(this.#keyboard());
        return;
      case "consumer":
        out.push(outgoing({ type: "media", bits: mediaBitsOf(report.usage) }));
        return;
      case "system":
        out.push(outgoing({ type: "system", bits: SYSTEM_BITS[report.control] }));
        return;
      case "pointer":
        this.#pointer.encode(report, out);
    }
  }

  /** Media and system keys are not held: a power key pressed for an absent computer must not switch it off later. */
  hold(report: HidReport): void {
    if (report.type === "keyboard") {
      this.#modifiers = report.modifiers;
      this.#keys = report.keys;
    } else if (report.type === "buttons") this.#pointer.hold(report.buttons);
  }

  release(): readonly Outgoing[] {
    this.#modifiers = 0;
    this.#keys = [];
    return [...this.#allKeys(), ...this.#pointer.release()];
  }

  restore(): readonly Outgoing[] {
    this.#proof = "pending";
    return [...this.#allKeys(), ...this.#pointer.restore()];
  }

  switchMouse(): readonly Outgoing[] {
    return this.#pointer.release();
  }

  judge(request: Outgoing, attempt: number, outcome: Judged<Ch9329Reply>): Verdict {
    if (outcome.type === "timeout") return this.#repeat(request, attempt, "no answer");
    const { reply } = outcome;
    if (reply.type === "failed") return this.#judgeFailure(request, attempt, reply.status);
    if (request.role === "poll") {
      this.#proof = "none";
      if (reply.type !== "info") return this.#repeat(request, attempt, "answer unknown");
      return { type: "done", status: toStatus(reply.info) };
    }
    if (request.expected === COMMAND.keyboard && this.#proof === "pending")
      this.#proof = "keyboard";
    this.#missing.delete(request.expected);
    this.#pointer.confirm(request);
    return { type: "done" };
  }

  #judgeFailure(request: Outgoing, attempt: number, status: number): Verdict {
    if (status === STATUS.timeout || status === STATUS.checksum) {
      return this.#repeat(request, attempt, "frame damaged on the way");
    }
    if (status === STATUS.execution && !this.#isMissing(request.expected)) {
      return { type: "hostAbsent" };
    }
    if (status === STATUS.parameter) this.#pointer.doubtExtraButtons();
    const text = REFUSALS[status] ?? "refused";
    const code = status.toString(16).toUpperCase();
    return { type: "refused", reason: `CH9329 command 0${request.expected}: ${text} (${code})` };
  }

  /** Learns from a complete state of which the keyboard part was taken and another was not. */
  #isMissing(command: number): boolean {
    if (command === COMMAND.keyboard) {
      this.#missing.clear();
      this.#proof = "none";
      return false;
    }
    if (this.#proof === "keyboard") this.#missing.add(command);
    return this.#missing.has(command);
  }

  #repeat(request: Outgoing, attempt: number, reason: string): Verdict {
    if (request.again === undefined || attempt >= MAX_REPEATS) {
      return { type: "failed", reason: `CH9329 command 0${request.expected}: ${reason}` };
    }
    return { type: "again", bytes: request.again, delayMs: 0 };
  }

  #keyboard(): Outgoing {
    return outgoing({ type: "keyboard", modifiers: this.#modifiers, keys: this.#keys });
  }

  #allKeys(): Outgoing[] {
    return [
      this.#keyboard(),
      outgoing({ type: "media", bits: 0 }),
      outgoing({ type: "system", bits: 0 }),
    ];
  }
}

/** The driver of a CH9329 on a serial port; nothing happens before `run`. */
export function createCh9329Hid(options: SerialHidOptions): HidDriver {
  return new SerialHid(options, new Ch9329Chip());
}
