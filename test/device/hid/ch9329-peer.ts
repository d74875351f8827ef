import type { HidDriver, HidDriverState, MouseMode } from "../../../src/device/hid/driver.ts";
import { createCh9329Hid } from "../../../src/device/hid/ch9329.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { PortOpenError } from "../../../src/platform/serial/port.ts";
import type { SerialBus } from "../../../src/platform/serial/port.ts";
import { commandOf, parseRequest } from "../../../src/protocol/ch9329/commands.ts";
import type { Ch9329Request } from "../../../src/protocol/ch9329/commands.ts";
import { Ch9329Parser } from "../../../src/protocol/ch9329/parser.ts";
import { encodeReply } from "../../../src/protocol/ch9329/replies.ts";
import type { Ch9329Reply } from "../../../src/protocol/ch9329/replies.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { memoryLink } from "../../support/memory-link.ts";
import type { MemoryLinkPair } from "../../support/memory-link.ts";

/** What a chip does with one request: answers as usual, with a status, with these bytes, or not at all. */
type Reaction = "usual" | "silent" | number | Uint8Array;

/** A CH9329 with a computer behind it, as the driver's peer; keeps what the host believes to be pressed. */
export class FakeCh9329 {
  baudRate = 9600;
  isPresent = true;
  hostReady = true;
  leds = { numLock: false, capsLock: false, scrollLock: false };
  /** Decides about every request. The request is executed unless the reaction is a status. */
  react: (request: Ch9329Request) => Reaction = () => "usual";
  /** Holds answers back until `answer()`. */
  isHolding = false;
  readonly requests: Ch9329Request[] = [];
  readonly openedAt: number[] = [];
  readonly host = {
    modifiers: 0,
    keys: [] as readonly number[],
    media: 0,
    system: 0,
    absoluteButtons: 0,
    relativeButtons: 0,
    x: -1,
    y: -1,
    dx: 0,
    dy: 0,
    wheel: 0,
  };
  readonly #held: Uint8Array[] = [];
  #pair: MemoryLinkPair | undefined;

  readonly bus: SerialBus = {
    list: () => Promise.resolve([]),
    open: (path, { baudRate }) => {
      this.openedAt.push(baudRate);
      if (!this.isPresent) return Promise.reject(new PortOpenError(`${path} is not there`));
      const pair = memoryLink();
      this.#pair = pair;
      const parser = new Ch9329Parser((result) => {
        if (result.type !== "frame") return;
        const parsed = parseRequest(result.frame);
        if (!parsed.ok) throw new Error(`bad request ${toHex(result.frame.data)}`);
        this.#take(parsed.request, pair);
      });
      pair.peer.onReceive((bytes) => {
        if (baudRate === this.baudRate) parser.push(bytes);
      });
      return Promise.resolve(pair.host);
    },
  };

  /** Nothing is down on the computer's side. */
  get isReleased(): boolean {
    const { modifiers, keys, media, system, absoluteButtons, relativeButtons } = this.host;
    return modifiers + keys.length + media + system + absoluteButtons + relativeButtons === 0;
  }

  /** Requests without the polls. */
  get reports(): Ch9329Request[] {
    return this.requests.filter((request) => request.type !== "getInfo");
  }

  get keyReports(): (readonly number[])[] {
    return this.requests.flatMap((request) => (request.type === "keyboard" ? [request.keys] : []));
  }

  forgetRequests(): void {
    this.requests.length = 0;
  }

  unplug(): void {
    this.isPresent = false;
    this.#pair?.unplug();
  }

  /** Lets the oldest held answer go. */
  async answer(): Promise<void> {
    await settle();
    const bytes = this.#held.shift();
    if (bytes !== undefined) await this.#pair?.peer.send(bytes);
    await settle();
  }

  /** Bytes that nobody asked for. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#pair?.peer.send(bytes);
    await settle();
  }

  #take(request: Ch9329Request, pair: MemoryLinkPair): void {
    this.requests.push(request);
    const reaction = this.react(request);
    if (typeof reaction !== "number") this.#execute(request);
    if (reaction === "silent") return;
    const bytes = reaction instanceof Uint8Array ? reaction : this.#reply(request, reaction);
    if (this.isHolding) this.#held.push(bytes);
    else void pair.peer.send(bytes).catch(() => undefined);
  }

  #reply(request: Ch9329Request, reaction: "usual" | number): Uint8Array {
    const command = commandOf(request.type);
    const isExecuted = this.hostReady || request.type === "getInfo" || request.type === "reset";
    const status = reaction === "usual" && !isExecuted ? 0xe6 : reaction;
    if (typeof status === "number") return encodeReply({ type: "failed", command, status });
    const reply: Ch9329Reply =
      request.type === "getInfo"
        ? {
            type: "info",
            command: 0x01,
            info: { version: 0x38, hostReady: this.hostReady, ...this.leds },
          }
        : { type: "done", command };
    return encodeReply(reply);
  }

  #execute(request: Ch9329Request): void {
    if (request.type === "reset") this.#forgetHost();
    if (!this.hostReady) return;
    const { host } = this;
    if (request.type === "keyboard") {
      host.modifiers = request.modifiers;
      host.keys = request.keys;
    } else if (request.type === "media") host.media = request.bits;
    else if (request.type === "system") host.system = request.bits;
    else if (request.type === "absolute") {
      host.absoluteButtons = request.buttons;
      host.x = request.x;
      host.y = request.y;
      host.wheel += request.wheel;
    } else if (request.type === "relative") {
      host.relativeButtons = request.buttons;
      host.dx += request.dx;
      host.dy += request.dy;
      host.wheel += request.wheel;
    }
  }

  #forgetHost(): void {
    Object.assign(this.host, { modifiers: 0, keys: [], media: 0, system: 0 });
    Object.assign(this.host, { absoluteButtons: 0, relativeButtons: 0 });
  }
}

export interface Bench {
  readonly chip: FakeCh9329;
  readonly clock: FakeClock;
  readonly driver: HidDriver;
  readonly state: () => HidDriverState;
  /** Aborts and waits until `run` has returned. */
  stop(): Promise<void>;
  /** Whether `run` has returned. */
  isStopped(): boolean;
  abort(): void;
}

export interface BenchOptions {
  readonly baudRate?: number | "auto";
  readonly mouseMode?: MouseMode;
}

/** A running driver on a fake chip; nothing has been advanced yet. */
export function startBench(
  { baudRate = "auto", mouseMode = "absolute" }: BenchOptions = {},
  chip = new FakeCh9329(),
): Bench {
  const clock = fakeClock();
  const path = "/dev/ttyUSB0";
  const log = silentLogger;
  const driver = createCh9329Hid({ bus: chip.bus, path, baudRate, clock, log, mouseMode });
  const controller = new AbortController();
  let isStopped = false;
  const running = driver.run(controller.signal).then(() => {
    isStopped = true;
  });
  return {
    chip,
    clock,
    driver,
    state: () => driver.state.value,
    isStopped: () => isStopped,
    abort: () => {
      controller.abort();
    },
    async stop() {
      controller.abort();
      await clock.advance(5000);
      await running;
    },
  };
}

/** A driver whose chip has answered and was released; the requests so far are forgotten. */
export async function onlineBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = startBench(options);
  await bench.clock.advance(60);
  bench.chip.forgetRequests();
  return bench;
}
