import type { TerminalEndCode } from "../protocol/fleet/terminal.ts";
import type { StreamEnd } from "./control.ts";

/** Waits at most, in one direction; more end the stream. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** From here on the sender is told to wait. */
const HIGH_WATER_BYTES = 256 * 1024;
/** What a piece costs beside its bytes: a flood of single letters is no smaller than it is. */
const PER_PIECE_BYTES = 64;
const MAX_COLUMNS = 1000;
const MAX_ROWS = 500;

const isWithin = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 2 && value <= most;

interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

export interface StreamWatch {
  /** Called for everything that is sent. */
  readonly onActivity: () => void;
  /** Called once, after both ends were told. */
  readonly onEnd: (reason: TerminalEndCode) => void;
}

/** What both ends have in common. */
interface Shared {
  readonly watch: StreamWatch;
  reason: TerminalEndCode | undefined;
}

/** One end; `#peer` is set right after construction, before anybody else sees it. */
class PairEnd implements StreamEnd {
  readonly #shared: Shared;
  #peer: PairEnd | undefined;
  /** What the other end has sent and this one has not taken. */
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  /** The other end was told to wait. */
  #owesDrain = false;
  #size: WindowSize | undefined;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #drain: (() => void) | undefined;
  #resize: ((columns: number, rows: number) => void) | undefined;
  #closed: ((reason: TerminalEndCode) => void) | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  join(peer: PairEnd): void {
    this.#peer = peer;
  }

  send(bytes: Uint8Array): boolean {
    if (this.#shared.reason !== undefined || this.#peer === undefined) return false;
    // Some agents take an empty message for the end of the session.
    if (bytes.length === 0) return true;
    this.#shared.watch.onActivity();
    return this.#peer.#take(bytes);
  }

  onReceive(listener: (bytes: Uint8Array) => void): void {
    this.#receive = listener;
    this.#flush();
  }

  onDrain(listener: () => void): void {
    this.#drain = listener;
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#flush();
  }

  resize(columns: number, rows: number): void {
    if (this.#shared.reason !== undefined || this.#peer === undefined) return;
    if (!isWithin(columns, MAX_COLUMNS) || !isWithin(rows, MAX_ROWS)) return;
    this.#shared.watch.onActivity();
    this.#peer.#resizeTo({ columns, rows });
  }

  onResize(listener: (columns: number, rows: number) => void): void {
    this.#resize = listener;
    if (this.#size !== undefined) listener(this.#size.columns, this.#size.rows);
  }

  close(reason: TerminalEndCode): void {
    if (this.#shared.reason !== undefined) return;
    this.#shared.reason = reason;
    this.#end(reason);
    if (this.#peer !== undefined) this.#peer.#end(reason);
    this.#shared.watch.onEnd(reason);
  }

  onClose(listener: (reason: TerminalEndCode) => void): void {
    if (this.#shared.reason === undefined) this.#closed = listener;
    else listener(this.#shared.reason);
  }

  #take(bytes: Uint8Array): boolean {
    if (this.#receive !== undefined && !this.#isPaused && this.#waiting.length === 0) {
      this.#receive(bytes);
      this.#owesDrain = this.#isPaused;
      return !this.#isPaused;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length + PER_PIECE_BYTES;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.close("notRead");
      return false;
    }
    this.#owesDrain = this.#isPaused || this.#waitingBytes > HIGH_WATER_BYTES;
    return !this.#owesDrain;
  }

  #flush(): void {
    while (this.#receive !== undefined && !this.#isPaused) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) break;
      this.#waitingBytes -= bytes.length + PER_PIECE_BYTES;
      this.#receive(bytes);
    }
    if (this.#isPaused || this.#waiting.length > 0 || this.#shared.reason !== undefined) return;
    if (!this.#owesDrain) return;
    this.#owesDrain = false;
    if (this.#peer !== undefined) this.#peer.#drain?.();
  }

  #resizeTo(size: WindowSize): void {
    this.#size = size;
    this.#resize?.(size.columns, size.rows);
  }

  /** The last words arrive, whether there is room or not: they are few, and nothing comes after them. */
  #end(reason: TerminalEndCode): void {
    for (const bytes of this.#waiting.splice(0)) this.#receive?.(bytes);
    this.#waitingBytes = 0;
    this.#closed?.(reason);
    this.#closed = undefined;
    this.#drain = undefined;
  }
}

/** Two ends of a terminal's stream: for the viewer and for the agent. */
export function createStreamPair(watch: StreamWatch): {
  readonly viewer: StreamEnd;
  readonly agent: StreamEnd;
} {
  const shared: Shared = { watch, reason: undefined };
  const [viewer, agent] = [new PairEnd(shared), new PairEnd(shared)];
  viewer.join(agent);
  agent.join(viewer);
  return { viewer, agent };
}
