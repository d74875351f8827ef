import { PortOpenError } from "../../../src/platform/serial/port.ts";
import type { SerialBus } from "../../../src/platform/serial/port.ts";
import { parseMcuRequest } from "../../../src/protocol/mcu-hid/commands.ts";
import type { McuRequest } from "../../../src/protocol/mcu-hid/commands.ts";
import {
  encodeLegacyResponse,
  encodeMcuResponse,
} from "../../../src/protocol/mcu-hid/responses.ts";
import type { McuPong, McuResponse } from "../../../src/protocol/mcu-hid/responses.ts";
import { settle } from "../../support/fake-clock.ts";
import { memoryLink } from "../../support/memory-link.ts";
import type { MemoryLinkPair } from "../../support/memory-link.ts";

/** A microcontroller as the driver's peer; frames arrive whole. */
export class FakeMcu {
  pong: McuPong = {
    capsLock: false,
    scrollLock: false,
    numLock: false,
    keyboardOnline: true,
    mouseOnline: true,
    resetRequired: false,
  };
  isLegacy = false;
  isPresent = true;
  isHolding = false;
  buttons = 0;
  readonly down = new Set<number>();
  readonly requests: McuRequest[] = [];
  readonly openedAt: number[] = [];
  #answersToLose = 0;
  #next: McuResponse | undefined;
  #last: Uint8Array = encodeMcuResponse({ type: "none" });
  #held: Uint8Array[] = [];
  #pair: MemoryLinkPair | undefined;

  static withOutputs(): FakeMcu {
    const mcu = new FakeMcu();
    const outputs = { keyboard: 1, mouse: 0x08, hasUsb: true, hasPs2: true, hasWin98: false };
    mcu.pong = { ...mcu.pong, outputs, connected: true };
    return mcu;
  }

  readonly bus: SerialBus = {
    list: () => Promise.resolve([]),
    open: (path, { baudRate }) => {
      if (!this.isPresent) return Promise.reject(new PortOpenError(`${path} is not there`));
      this.openedAt.push(baudRate);
      const pair = memoryLink();
      this.#pair = pair;
      pair.peer.onReceive((bytes) => {
        if (baudRate === 115_200) this.#take(bytes);
      });
      return Promise.resolve(pair.host);
    },
  };

  get isReleased(): boolean {
    return this.down.size === 0 && this.buttons === 0;
  }

  /** The next requests are executed, but their answers get lost. */
  loseAnswers(count: number): void {
    this.#answersToLose = count;
  }

  /** The next request is not executed. */
  answerNext(response: McuResponse): void {
    this.#next = response;
  }

  restart(): void {
    this.down.clear();
    this.buttons = 0;
    this.#last = encodeMcuResponse({ type: "none" });
  }

  /** Lets every held answer go. */
  async answer(): Promise<void> {
    await settle();
    for (const bytes of this.#held.splice(0)) await this.#pair?.peer.send(bytes);
    await settle();
  }

  /** "+1": key 1 went down. */
  events(): string[] {
    return this.requests.flatMap((request) =>
      request.type === "key" ? [`${request.isDown ? "+" : "-"}${request.key}`] : [],
    );
  }

  #take(bytes: Uint8Array): void {
    const request = parseMcuRequest(bytes);
    if (request === "damaged" || request === "unknown") {
      this.#send(encodeMcuResponse({ type: request === "damaged" ? "crc" : "invalid" }));
      return;
    }
    this.requests.push(request);
    this.#send(this.#answerTo(request));
  }

  #answerTo(request: McuRequest): Uint8Array {
    const prepared = this.#next;
    this.#next = undefined;
    if (prepared !== undefined) return encodeMcuResponse(prepared);
    if (request.type === "repeat") return this.#last;
    this.#execute(request);
    this.#last = this.isLegacy
      ? encodeLegacyResponse(0x20)
      : encodeMcuResponse({ type: "pong", pong: this.pong });
    return this.#last;
  }

  #send(bytes: Uint8Array): void {
    if (this.#answersToLose > 0) this.#answersToLose -= 1;
    else if (this.isHolding) this.#held.push(bytes);
    else void this.#pair?.peer.send(bytes).catch(() => undefined);
  }

  #execute(request: McuRequest): void {
    const { outputs } = this.pong;
    switch (request.type) {
      case "key":
        if (request.isDown) this.down.add(request.key);
        else this.down.delete(request.key);
        return;
      case "buttons":
        this.buttons = (this.buttons & ~request.changed) | request.pressed;
        return;
      case "clear":
        this.down.clear();
        this.buttons = 0;
        return;
      case "setKeyboard":
        if (outputs)
          this.pong = { ...this.pong, outputs: { ...outputs, keyboard: request.output } };
        return;
      case "setMouse":
        if (outputs) this.pong = { ...this.pong, outputs: { ...outputs, mouse: request.output } };
        return;
      case "setConnected":
        this.pong = { ...this.pong, connected: request.connected };
        return;
      default:
    }
  }
}
