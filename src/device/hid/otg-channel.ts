import type { Clock } from "../../core/clock.ts";
import type { ReportNode } from "../../platform/gadget/port.ts";
import { DrainWaiters } from "./drain-waiters.ts";
import type { HidReport } from "./driver.ts";
import type { OtgCodec } from "./otg-codec.ts";
import { ReportQueue } from "./report-queue.ts";

/** The computer polls every 1 to 10 ms; a report that it has not fetched is offered again this soon, then later. */
const RETRY_STEPS_MS = [1, 2, 4, 8, 16];
/** A computer that fetches nothing for this long does not poll the device at all (firmware screens, sleep). */
const NOT_POLLING_MS = 150;
/** How often the state is offered to a computer that does not listen. */
const BUSY_PERIOD_MS = 100;
const OFFLINE_PERIOD_MS = 500;

export interface OtgChannelOptions {
  readonly node: ReportNode;
  readonly codec: OtgCodec;
  readonly clock: Clock;
  /** The computer began or ceased to listen to this device. */
  readonly onStall: () => void;
  /** The device does not exist any more; nothing more can be sent. */
  readonly onGone: () => void;
}

/**
 * One input device of the gadget (hardware notes 3.5). While the computer listens, states keep their order and motion is
 * merged. When it does not, only the newest state is kept and offered again, so that nothing stays pressed and no
 * backlog is typed when it is back. A device that is not polled does not hold up the others.
 */
export class OtgChannel {
  readonly #options: OtgChannelOptions;
  readonly #queue = new ReportQueue();
  readonly #waiters = new DrainWaiters((sequence) => this.#hasPassed(sequence));
  /** Encoded and not taken yet. */
  #pending: Uint8Array[] = [];
  #cancelRetry: (() => void) | undefined;
  #attempt = 0;
  #busySince: number | undefined;
  #isStalled = false;
  #isClosed = false;

  constructor(options: OtgChannelOptions) {
    this.#options = options;
  }

  /** The computer does not take reports of this device. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  submit(report: HidReport): boolean {
    if (this.#isClosed) return false;
    this.#options.codec.note(report);
    if (this.#isStalled) return true;
    const isAccepted = this.#queue.push(report);
    this.#pump();
    return isAccepted;
  }

  drained(): Promise<void> {
    return this.#waiters.wait(this.#queue.sequence);
  }

  /** Forgets what waits and lets go of everything. */
  releaseAll(): void {
    if (this.#isClosed) return;
    const { codec } = this.#options;
    const zeros = codec.zeros();
    codec.clear();
    this.#queue.clear();
    // While stalled the empty state is what will be offered next.
    if (!this.#isStalled) {
      this.#pending = [...zeros];
      this.#pump();
    }
    this.#waiters.wake();
  }

  /** The computer has enumerated the device anew: it knows nothing of what is held. */
  restore(): void {
    if (this.#isClosed) return;
    const { codec } = this.#options;
    this.#stopRetrying();
    this.#queue.clear();
    this.#pending = [...codec.zeros(), ...codec.held()];
    this.#setStalled(false);
    this.#pump();
  }

  /** The computer is gone: only the newest state matters from now on. */
  suspend(): void {
    if (!this.#isStalled && !this.#isClosed) this.#stall(OFFLINE_PERIOD_MS);
  }

  /** Tries to let go of everything, then ends. */
  close(): void {
    if (this.#isClosed) return;
    const { node, codec } = this.#options;
    for (const report of codec.zeros()) node.write(report);
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#stopRetrying();
    this.#queue.clear();
    this.#pending = [];
    this.#options.node.close();
    this.#waiters.wake();
  }

  #hasPassed(sequence: number): boolean {
    if (this.#isClosed || this.#isStalled) return true;
    return this.#pending.length === 0 && this.#queue.hasPassed(sequence);
  }

  #pump(): void {
    if (this.#cancelRetry !== undefined || this.#isClosed) return;
    while (this.#fill()) {
      const [first] = this.#pending;
      if (first === undefined || !this.#offer(first)) return;
      this.#pending.shift();
    }
    this.#waiters.wake();
  }

  /** Whether something is to be sent. */
  #fill(): boolean {
    while (this.#pending.length === 0) {
      const report = this.#queue.take();
      if (report === undefined) return false;
      this.#options.codec.encode(report, this.#pending);
    }
    return true;
  }

  /** True when the report was taken. */
  #offer(report: Uint8Array): boolean {
    switch (this.#options.node.write(report)) {
      case "taken":
        this.#attempt = 0;
        this.#busySince = undefined;
        this.#setStalled(false);
        return true;
      case "busy":
        this.#waitForPoll();
        return false;
      case "offline":
        this.#stall(OFFLINE_PERIOD_MS);
        return false;
      case "gone":
        this.#end();
        this.#options.onGone();
        return false;
    }
  }

  #waitForPoll(): void {
    const now = this.#options.clock.monotonic();
    this.#busySince ??= now;
    if (this.#isStalled || now - this.#busySince > NOT_POLLING_MS) {
      this.#stall(BUSY_PERIOD_MS);
      return;
    }
    const delayMs = RETRY_STEPS_MS[Math.min(this.#attempt, RETRY_STEPS_MS.length - 1)] ?? 1;
    this.#attempt += 1;
    this.#retryIn(delayMs);
  }

  #stall(periodMs: number): void {
    this.#queue.clear();
    this.#pending = [];
    this.#setStalled(true);
    this.#waiters.wake();
    this.#retryIn(periodMs);
  }

  #retryIn(delayMs: number): void {
    this.#stopRetrying();
    this.#cancelRetry = this.#options.clock.setTimer(delayMs, this.#onRetry);
  }

  readonly #onRetry = (): void => {
    this.#cancelRetry = undefined;
    if (this.#isStalled) this.#pending = [...this.#options.codec.held()];
    this.#pump();
  };

  #stopRetrying(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #setStalled(isStalled: boolean): void {
    if (isStalled === this.#isStalled) return;
    this.#isStalled = isStalled;
    this.#options.onStall();
  }
}
