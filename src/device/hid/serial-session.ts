import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { DrainWaiters } from "./drain-waiters.ts";
import type { HidDriverState, HidReport } from "./driver.ts";
import { HostPresence } from "./host-presence.ts";
import { ReportQueue } from "./report-queue.ts";
import type { ChipStatus, Outgoing, SerialHidChip, Verdict } from "./serial-chip.ts";
import type { Outcome, SerialLine } from "./serial-line.ts";

/** Why a session is over. "silent": the chip stopped answering although the line is there. */
export interface SessionEnd {
  readonly cause: "closed" | "lost" | "silent";
  /** For people; null after an own close. */
  readonly reason: string | null;
}

export interface SerialSessionOptions<R> {
  readonly line: SerialLine<R>;
  readonly chip: SerialHidChip<R>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publish: (patch: Partial<HidDriverState>) => void;
  /** Called once; nothing is sent or published afterwards. */
  readonly onEnd: (end: SessionEnd) => void;
}

/** A poll is forced after this time, so that lights follow under load; earlier where only motion has to wait for it. */
const POLL_UNDER_MOTION_MS = 700;
const POLL_UNDER_STATES_MS = 900;
/** After a reset failures mean nothing for this long. */
const RESET_GRACE_MS = 5000;
const RESET_POLL_MS = 300;

/**
 * One chip on one open line, from its first answer to the end of the line: decides what is sent next, in lock-step.
 * Starts nothing by itself before `start`.
 */
export class SerialSession<R> {
  readonly #options: SerialSessionOptions<R>;
  readonly #queue = new ReportQueue();
  readonly #host: HostPresence;
  readonly #waiters = new DrainWaiters((sequence) => this.#isPassed(sequence));
  /** Goes before the queue: the parts of one report, releases, configuration. */
  #outbox: Outgoing[] = [];
  #current: Outgoing | undefined;
  /** Listeners of what is published may submit while the next request is being chosen. */
  #isPumping = false;
  #attempt = 0;
  #failures = 0;
  #phase: "running" | "closing" | "recovering" | "ended" = "running";
  #isBusy = false;
  #graceUntil = Number.NEGATIVE_INFINITY;
  #polledAt: number;
  /** Present while nothing may be sent. */
  #cancelPause: (() => void) | undefined;
  #cancelPoll: (() => void) | undefined;
  #lastReason: string | undefined;

  /** `status` is the answer that identified the chip. */
  constructor(options: SerialSessionOptions<R>, status: ChipStatus) {
    this.#options = options;
    this.#polledAt = options.clock.monotonic();
    this.#host = new HostPresence(status.hostReady);
  }

  start(): void {
    this.configure(this.#options.chip.begin());
  }

  /** Sends in the same tick when the line is free. */
  submit(report: HidReport): boolean {
    if (this.#phase !== "running") return false;
    if (this.#host.isSuspended) return this.#hold(report);
    const isAccepted = this.#queue.push(report);
    this.#pump();
    return isAccepted;
  }

  drained(): Promise<void> {
    return this.#waiters.wait(this.#queue.sequence);
  }

  releaseAll(): void {
    if (this.#phase !== "running") return;
    this.#queue.clear();
    const requests = this.#options.chip.release();
    this.#host.markDirty();
    this.#dropReports();
    if (!this.#host.isSuspended) this.#outbox.push(...requests);
    this.#waiters.wake();
    this.#pump();
  }

  reset(): void {
    if (this.#phase !== "running" || this.#isBusy) return;
    const { chip } = this.#options;
    this.#isBusy = true;
    this.#queue.clear();
    this.#dropReports();
    this.#outbox.push(...chip.release(), chip.reset());
    this.#options.publish({ busy: true });
    this.#resume();
  }

  switchMouse(): void {
    this.#queue.dropMotion();
    this.configure(this.#options.chip.switchMouse());
  }

  /** Sends requests ahead of waiting reports. */
  configure(requests: readonly Outgoing[]): void {
    if (this.#phase !== "running") return;
    this.#outbox.push(...requests);
    this.#pump();
  }

  /** Releases everything on the host as far as it can be reached, then ends; takes some reply time-outs at most. */
  close(): void {
    if (this.#phase !== "running") return;
    this.#phase = "closing";
    this.#queue.clear();
    this.#outbox = [...this.#options.chip.release()];
    this.#resume();
  }

  /** The link closed between two exchanges. */
  lose(reason: Error | undefined): void {
    this.#end({ cause: "lost", reason: reason?.message ?? "The serial link was closed" });
  }

  #dropReports(): void {
    this.#outbox = this.#outbox.filter((request) => request.role !== "report");
  }

  /** Sends the next request, unless one is under way. */
  #pump(): void {
    if (this.#current !== undefined || this.#cancelPause !== undefined) return;
    if (this.#phase === "ended" || this.#isPumping) return;
    this.#isPumping = true;
    try {
      const next = this.#outbox.shift() ?? this.#choose();
      if (next !== undefined) this.#dispatch(next, next.bytes);
    } finally {
      this.#isPumping = false;
    }
  }

  readonly #pumpLater = (): void => {
    this.#pump();
  };

  /** What goes out when the outbox is empty. */
  #choose(): Outgoing | undefined {
    if (this.#phase !== "running") {
      if (this.#phase === "closing") this.#end({ cause: "closed", reason: null });
      return undefined;
    }
    if (this.#host.isRestoring) return this.#finishRestore();
    const { chip, clock } = this.#options;
    const leftMs = this.#pollPeriodMs() - (clock.monotonic() - this.#polledAt);
    if (leftMs <= 0) return chip.poll();
    for (let report = this.#queue.take(); report !== undefined; report = this.#queue.take()) {
      chip.encode(report, this.#outbox);
      const first = this.#outbox.shift();
      if (first !== undefined) return first;
    }
    this.#cancelPoll ??= clock.setTimer(leftMs, this.#onPollDue);
    return undefined;
  }

  #pollPeriodMs(): number {
    if (this.#queue.isEmpty) return this.#options.chip.pollIdleMs;
    return this.#queue.hasStates ? POLL_UNDER_STATES_MS : POLL_UNDER_MOTION_MS;
  }

  readonly #onPollDue = (): void => {
    this.#cancelPoll = undefined;
    this.#pump();
  };

  #dispatch(request: Outgoing, bytes: Uint8Array): void {
    this.#current = request;
    if (request.role === "poll") this.#polledAt = this.#options.clock.monotonic();
    this.#options.line.exchange(bytes, request.expected, this.#onOutcome);
  }

  readonly #onOutcome = (outcome: Outcome<R>): void => {
    const request = this.#current;
    if (request === undefined || this.#phase === "ended") return;
    if (outcome.type === "lost") {
      this.lose(outcome.reason);
      return;
    }
    const verdict = this.#options.chip.judge(request, this.#attempt, outcome);
    if (verdict.type === "again" && this.#mayRepeat()) {
      this.#repeat(request, verdict.bytes, verdict.delayMs);
      return;
    }
    this.#current = undefined;
    this.#attempt = 0;
    this.#conclude(request, verdict);
    this.#waiters.wake();
    this.#pump();
  };

  /** Counts a failure; false when there were enough. */
  #mayRepeat(): boolean {
    this.#failures += 1;
    if (this.#phase === "closing") return this.#attempt === 0;
    return this.#phase === "running" && this.#failures < this.#options.chip.failureLimit;
  }

  #repeat(request: Outgoing, bytes: Uint8Array, delayMs: number): void {
    this.#attempt += 1;
    if (this.#phase !== "running" || delayMs === 0) {
      this.#dispatch(request, bytes);
      return;
    }
    this.#pause(delayMs, () => {
      this.#dispatch(request, bytes);
    });
  }

  /** Takes the final verdict on a request. */
  #conclude(request: Outgoing, verdict: Verdict): void {
    if (this.#phase === "recovering") {
      this.#end({ cause: "silent", reason: this.#silence() });
    } else if (request.role === "reset") {
      this.#settleAfterReset();
    } else if (verdict.type === "again") {
      this.#giveUp();
    } else if (verdict.type === "failed") {
      this.#report(verdict.reason);
      if (!this.#mayRepeat()) this.#giveUp();
    } else {
      this.#failures = 0;
      if (verdict.type === "hostAbsent") this.#suspend();
      else if (verdict.type === "refused") this.#report(verdict.reason);
      else if (verdict.status !== undefined) this.#takeStatus(request, verdict.status);
    }
  }

  #report(reason: string): void {
    const { log } = this.#options;
    if (reason === this.#lastReason) log.debug({ reason }, "report not taken");
    else log.warn({ reason }, "report not taken");
    this.#lastReason = reason;
    this.#options.publish({ lastError: reason });
  }

  #silence(): string {
    return `The ${this.#options.chip.name} stopped answering`;
  }

  /** Too many failures: what waits is lost, and a last request may wake the chip up for the next session. */
  #giveUp(): void {
    if (this.#phase === "closing") return;
    const { chip, clock } = this.#options;
    if (clock.monotonic() < this.#graceUntil) {
      this.#failures = 0;
      this.#suspend();
      this.#host.markDirty();
      this.#pollAfter(RESET_POLL_MS);
      return;
    }
    this.#phase = "recovering";
    this.#queue.clear();
    this.#outbox = [chip.recovery().request];
    this.#options.publish({ online: false, hostReady: null, lastError: this.#silence() });
  }

  /** The chip restarts and the computer enumerates it anew: states are held until a poll says so. */
  #settleAfterReset(): void {
    const { chip, clock } = this.#options;
    this.#suspend();
    this.#host.markDirty();
    this.#failures = 0;
    this.#graceUntil = clock.monotonic() + RESET_GRACE_MS;
    this.#pollAfter(chip.resetQuietMs);
  }

  #pollAfter(delayMs: number): void {
    if (this.#phase !== "running") return;
    this.#polledAt = Number.NEGATIVE_INFINITY;
    this.#pause(delayMs, this.#pumpLater);
  }

  /** The computer does not take reports. While closing, the rest of the release is offered all the same. */
  #suspend(): void {
    if (this.#phase !== "running") return;
    const { chip } = this.#options;
    this.#host.suspend();
    this.#dropReports();
    for (let report = this.#queue.take(); report !== undefined; report = this.#queue.take()) {
      if (report.type !== "pointer") chip.hold(report);
      else if (report.buttons !== undefined)
        chip.hold({ type: "buttons", buttons: report.buttons });
    }
    this.#options.publish({ hostReady: false });
  }

  /** A state during a suspension; motion is lost. */
  #hold(report: HidReport): boolean {
    const { type } = report;
    if (type === "absolute" || type === "relative" || type === "wheel") return false;
    this.#options.chip.hold(report);
    this.#host.markDirty();
    return true;
  }

  /** Some chips tell their status with every answer, but only a poll decides about the computer's presence. */
  #takeStatus({ role }: Outgoing, status: ChipStatus): void {
    if (role === "poll") this.#followHost(status.hostReady);
    const { leds, keyboardOutput, connected, trouble } = status;
    this.#options.publish({
      busy: this.#isBusy,
      leds,
      hostReady: this.#host.hostReady,
      ...(keyboardOutput !== undefined && { keyboardOutput }),
      ...(connected !== undefined && { connected }),
      ...(trouble !== undefined && { lastError: trouble }),
    });
  }

  #followHost(hostReady: boolean | null): void {
    if (this.#host.takeStatus(hostReady)) this.#outbox.push(...this.#options.chip.restore());
    // A poll may have been under way when the reset was asked for.
    this.#isBusy = this.#isBusy && this.#outbox.some((request) => request.role === "reset");
  }

  #finishRestore(): Outgoing | undefined {
    const isChanged = this.#host.finishRestore();
    if (isChanged) this.#outbox.push(...this.#options.chip.restore());
    this.#options.publish({ hostReady: true });
    return this.#outbox.shift() ?? this.#choose();
  }

  #pause(delayMs: number, then: () => void): void {
    this.#cancelPause = this.#options.clock.setTimer(delayMs, () => {
      this.#cancelPause = undefined;
      then();
    });
  }

  /** Ends a pause; a request that waited for its next attempt is dropped. */
  #resume(): void {
    if (this.#cancelPause !== undefined) {
      this.#cancelPause();
      this.#cancelPause = undefined;
      this.#current = undefined;
      this.#attempt = 0;
    }
    this.#waiters.wake();
    this.#pump();
  }

  #isPassed(sequence: number): boolean {
    if (this.#phase === "ended" || this.#phase === "recovering") return true;
    const isSending = this.#current?.role === "report" || this.#outbox.length > 0;
    return !isSending && this.#queue.hasPassed(sequence);
  }

  #end(end: SessionEnd): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#current = undefined;
    this.#cancelPause?.();
    this.#cancelPoll?.();
    this.#queue.clear();
    this.#outbox = [];
    this.#waiters.wake();
    this.#options.onEnd(end);
  }
}
