// A peer that plays the CH9329 chip (CH9329 protocol): parses what the host sends, answers with real frames, and feeds
// the model of the computer. Deliberately simple: one chip version, no custom HID mode, no ASCII mode.
import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { parseRequest, STATUS } from "../../protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../protocol/ch9329/commands.ts";
import { BROADCAST_ADDRESS, FRAME_OVERHEAD } from "../../protocol/ch9329/frame.ts";
import type { Ch9329Frame } from "../../protocol/ch9329/frame.ts";
import { Ch9329Parser } from "../../protocol/ch9329/parser.ts";
import type { Ch9329ParserResult } from "../../protocol/ch9329/parser.ts";
import { encodeReply } from "../../protocol/ch9329/replies.ts";
import type { Ch9329Reply } from "../../protocol/ch9329/replies.ts";
import type { ByteLink } from "../serial/port.ts";
import { ChipBrain } from "./chip-brain.ts";
import { noFaults } from "./chip-faults.ts";
import type { ChipFaults } from "./chip-faults.ts";
import { ReplyLine } from "./reply-line.ts";
import type { TargetPc } from "./target-pc.ts";

const FACTORY_BAUD_RATE = 9600;

/** The simulated chip with its serial plug. */
export interface Ch9329Chip {
  /** Change them at any time. */
  readonly faults: ChipFaults;
  /** Whether the serial plug is in: pulling it closes the line and hides the port. Keys that are held stay held. */
  readonly plugged: Store<boolean>;
  /** Speed the chip listens at; programmed by SET_PARA_CFG, effective after a reset. */
  readonly baudRate: number;
  /** Kind of the last mouse report. */
  readonly mouseMode: "absolute" | "relative";
  /** The host opened the line at this speed. The chip owns the link from now on, and drops the one it had. */
  attach(link: ByteLink, lineBaudRate: number): void;
  /** Called with every request the chip understood, before it is executed. */
  onRequest(listener: (request: Ch9329Request) => void): Unsubscribe;
  unplug(): void;
  replug(): void;
  /** Drops the line and every timer. */
  close(): Promise<void>;
}

export interface Ch9329ChipOptions {
  readonly clock: Clock;
  readonly target: TargetPc;
  /** Default 9600, as from the factory. */
  readonly baudRate?: number;
  /** Replies take as long as on a real wire of that speed. Default: they are immediate. */
  readonly wireTiming?: boolean;
}

/** One opening of the line by the host. */
class ChipLine {
  readonly link: ByteLink;
  readonly #replies: ReplyLine;
  readonly #parser: Ch9329Parser;
  readonly #clock: Clock;
  #cancelGap = (): void => undefined;

  constructor(
    clock: Clock,
    link: ByteLink,
    replies: ReplyLine,
    onResult: (result: Ch9329ParserResult) => void,
  ) {
    this.#clock = clock;
    this.link = link;
    this.#replies = replies;
    this.#parser = new Ch9329Parser(onResult);
  }

  /** A frame must not have gaps longer than `intervalMs`. */
  receive(bytes: Uint8Array, intervalMs: number): void {
    this.#cancelGap();
    this.#parser.push(bytes);
    if (this.#parser.pending === 0) return;
    this.#cancelGap = this.#clock.setTimer(intervalMs, () => {
      this.#parser.expire();
    });
  }

  reply(reply: Ch9329Reply, address: number, requestLength: number): void {
    this.#replies.send(encodeReply(reply, address), requestLength);
  }

  close(): Promise<void> {
    this.#cancelGap();
    this.#replies.close();
    return this.link.close();
  }
}

class SimCh9329Chip implements Ch9329Chip {
  readonly faults = noFaults();
  readonly #options: Ch9329ChipOptions;
  readonly #brain: ChipBrain;
  readonly #plugged = createStore(true);
  readonly #listeners = new Set<(request: Ch9329Request) => void>();
  #line: ChipLine | undefined;

  constructor(options: Ch9329ChipOptions) {
    const { clock, target, baudRate = FACTORY_BAUD_RATE } = options;
    this.#options = options;
    this.#brain = new ChipBrain({ clock, target, faults: this.faults, baudRate });
  }

  get plugged(): Store<boolean> {
    return this.#plugged;
  }

  get baudRate(): number {
    return this.#brain.parameters.baudRate;
  }

  get mouseMode(): "absolute" | "relative" {
    return this.#brain.mouseMode;
  }

  attach(link: ByteLink, lineBaudRate: number): void {
    void this.close();
    const { clock, wireTiming = false } = this.#options;
    const baudRate = wireTiming ? lineBaudRate : undefined;
    const replies = new ReplyLine({ clock, faults: this.faults, link, baudRate });
    const line = new ChipLine(clock, link, replies, (result) => {
      this.#take(result);
    });
    this.#line = line;
    link.onReceive((bytes) => {
      // At another speed the chip sees framing errors only; while it restarts, nothing.
      const isHeard = lineBaudRate === this.baudRate && !this.faults.wrongBaud;
      if (isHeard && !this.#brain.isDeaf) line.receive(bytes, this.#brain.parameters.intervalMs);
    });
    link.onClose(() => {
      void line.close();
      if (this.#line === line) this.#line = undefined;
    });
  }

  onRequest(listener: (request: Ch9329Request) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  unplug(): void {
    void this.close();
    this.#plugged.set(false);
  }

  replug(): void {
    this.#plugged.set(true);
  }

  async close(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    await line?.close();
  }

  #take(result: Ch9329ParserResult): void {
    switch (result.type) {
      case "frame":
        this.#takeFrame(result.frame);
        return;
      case "badSum":
        this.#refuse(result.command, STATUS.checksum);
        return;
      case "truncated":
        this.#refuse(result.command, STATUS.timeout);
        return;
      case "noise":
    }
  }

  #takeFrame(frame: Ch9329Frame): void {
    // A reset inside the request changes the address, not that of its answer.
    const { address } = this.#brain.parameters;
    const isBroadcast = frame.address === BROADCAST_ADDRESS;
    if (frame.address !== address && !isBroadcast) return;
    const reply = this.#execute(frame);
    if (isBroadcast) return;
    this.#line?.reply(reply, address, frame.data.length + FRAME_OVERHEAD);
  }

  #execute(frame: Ch9329Frame): Ch9329Reply {
    const parsed = parseRequest(frame);
    if (!parsed.ok) return { type: "failed", command: frame.command, status: parsed.status };
    for (const listener of this.#listeners) listener(parsed.request);
    return this.#brain.execute(parsed.request);
  }

  #refuse(command: number, status: number): void {
    const { address } = this.#brain.parameters;
    this.#line?.reply({ type: "failed", command, status }, address, FRAME_OVERHEAD);
  }
}

export function createCh9329Chip(options: Ch9329ChipOptions): Ch9329Chip {
  return new SimCh9329Chip(options);
}
