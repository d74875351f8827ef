import { signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";

/** `waiting`: it broke and is tried again soon. */
export type LinkState = "connecting" | "open" | "waiting" | "closed";

export interface LiveSocketOptions {
  /** Path and query on this host. */
  readonly path: string;
  readonly onText?: (text: string) => void;
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** It is open: say hello. */
  readonly onOpen?: () => void;
  /** It is gone, for whatever reason. */
  readonly onGone?: () => void;
  /** Sent every second; the answer to it is one byte, 0xff. Undefined: the connection is not asked. */
  readonly ping?: Uint8Array<ArrayBuffer>;
}

const PING_EVERY_MS = 1000;
/** Without an answer for this long the connection is taken for dead. */
const SILENT_MS = 6000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const PONG = 0xff;

/** A WebSocket that comes back by itself, and whose state can be shown. */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  readonly #state = signal<LinkState>("connecting");
  readonly #roundTripMs = signal<number | undefined>(undefined);
  readonly #retryNow = (): void => this.#connectNow();
  #socket: WebSocket | undefined;
  #waitMs = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #pingedAt = 0;
  #heardAt = 0;

  constructor(options: LiveSocketOptions) {
    this.#options = options;
    addEventListener("online", this.#retryNow);
    document.addEventListener("visibilitychange", this.#retryNow);
    this.#connect();
  }

  get state(): ReadonlySignal<LinkState> {
    return this.#state;
  }

  /** From the page to the device and back; undefined while it is not known. */
  get roundTripMs(): ReadonlySignal<number | undefined> {
    return this.#roundTripMs;
  }

  /** Bytes that wait in the browser. */
  get backlog(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** False when it is not connected; nothing is kept for later. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  close(): void {
    removeEventListener("online", this.#retryNow);
    document.removeEventListener("visibilitychange", this.#retryNow);
    clearTimeout(this.#timer);
    this.#drop();
    this.#state.value = "closed";
  }

  #connectNow(): void {
    if (this.#state.value !== "waiting" || document.hidden) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect(): void {
    this.#state.value = "connecting";
    const socket = new WebSocket(this.#options.path);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.#waitMs = FIRST_WAIT_MS;
      this.#state.value = "open";
      this.#startPings();
      this.#options.onOpen?.();
    });
    socket.addEventListener("message", (event: MessageEvent<string | ArrayBuffer>) => {
      this.#receive(event.data);
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#retryLater();
    });
  }

  #receive(data: string | ArrayBuffer): void {
    this.#heardAt = performance.now();
    if (typeof data === "string") {
      this.#options.onText?.(data);
      return;
    }
    const bytes = new Uint8Array(data);
    if (bytes.length === 1 && bytes[0] === PONG) {
      this.#roundTripMs.value = this.#heardAt - this.#pingedAt;
      return;
    }
    this.#options.onBytes?.(bytes);
  }

  #startPings(): void {
    const { ping } = this.#options;
    if (ping === undefined) return;
    this.#heardAt = performance.now();
    const beat = (): void => {
      const now = performance.now();
      if (now - this.#heardAt > SILENT_MS) {
        this.#retryLater();
        return;
      }
      this.#pingedAt = now;
      this.send(ping);
    };
    beat();
    this.#pings = setInterval(beat, PING_EVERY_MS);
  }

  #retryLater(): void {
    this.#drop();
    this.#state.value = "waiting";
    this.#timer = setTimeout(() => this.#connect(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #drop(): void {
    clearInterval(this.#pings);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#roundTripMs.value = undefined;
    if (socket === undefined) return;
    socket.close();
    this.#options.onGone?.();
  }
}
