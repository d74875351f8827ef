import { isAborted } from "../../core/abort.ts";
import { createBackoff } from "../../core/backoff.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { createStore, until } from "../../core/store.ts";
import type { MutableStore, Store } from "../../core/store.ts";
import type { SerialBus } from "../../platform/serial/port.ts";
import type { HidCapabilities, HidDriver, HidDriverState, HidReport, MouseMode } from "./driver.ts";
import type { ChipStatus, Outgoing, SerialHidChip } from "./serial-chip.ts";
import { SerialLine } from "./serial-line.ts";
import { identifyChip } from "./serial-identify.ts";
import { SerialSession } from "./serial-session.ts";
import type { SessionEnd } from "./serial-session.ts";

/** What every driver of a HID chip on a serial line is created from. */
export interface SerialHidOptions {
  readonly bus: SerialBus;
  readonly path: string;
  /** "auto" starts with the chip's usual speed. Others are tried in any case. */
  readonly baudRate: number | "auto";
  readonly clock: Clock;
  readonly log: Logger;
  readonly mouseMode: MouseMode;
}

const REOPEN_STEPS_MS = [500, 1000, 2000, 5000];
const DARK = { num: false, caps: false, scroll: false };
const ABSENT = {
  online: false,
  hostReady: null,
  busy: false,
  leds: DARK,
  description: null,
} as const;

interface Opened<R> {
  readonly line: SerialLine<R>;
  readonly status: ChipStatus;
}

/**
 * A HID driver for any chip that answers requests on a serial line: opens the port, finds the speed, keeps the state,
 * and opens again whenever the line or the chip is gone. `run` never throws: whatever goes wrong is state.
 */
export class SerialHid<R> implements HidDriver {
  readonly #options: SerialHidOptions;
  readonly #chip: SerialHidChip<R>;
  readonly #state: MutableStore<HidDriverState>;
  #session: SerialSession<R> | undefined;
  /** The speed that answered last is tried first. */
  #knownBaudRate: number | undefined;

  constructor(options: SerialHidOptions, chip: SerialHidChip<R>) {
    this.#options = options;
    this.#chip = chip;
    chip.mouseMode = options.mouseMode;
    this.#state = createStore<HidDriverState>({
      ...ABSENT,
      mouseMode: options.mouseMode,
      lastError: null,
    });
  }

  get capabilities(): HidCapabilities {
    return this.#chip.capabilities;
  }

  get state(): Store<HidDriverState> {
    return this.#state;
  }

  submit(report: HidReport): boolean {
    return this.#session !== undefined && this.#session.submit(report);
  }

  drained(): Promise<void> {
    return this.#session?.drained() ?? Promise.resolve();
  }

  releaseAll(): void {
    this.#session?.releaseAll();
  }

  /** Resolves when the chip answers again or counts as offline; does nothing while it is offline. */
  async reset(): Promise<void> {
    if (this.#session === undefined) return;
    this.#session.reset();
    await until(this.#state, (state) => !state.busy);
  }

  setMouseMode(mode: MouseMode): void {
    if (mode === this.#chip.mouseMode) return;
    this.#chip.mouseMode = mode;
    this.#publish({ mouseMode: mode });
    this.#session?.switchMouse();
  }

  /** For what only some chips can do; dropped while the chip is offline. */
  configure(requests: readonly Outgoing[]): void {
    this.#session?.configure(requests);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, path } = this.#options;
    const backoff = createBackoff({ stepsMs: REOPEN_STEPS_MS });
    const pause = (delayMs: number): Promise<void> =>
      sleep(clock, delayMs, signal).catch(() => undefined);
    let isFirst = true;
    while (!isAborted(signal)) {
      const opened = await this.#open(signal);
      if (opened !== undefined) {
        backoff.reset();
        isFirst = true;
        const end = await this.#serve(opened, signal);
        if (end.cause === "silent") await pause(this.#chip.recovery().waitMs);
      } else if (isFirst && !isAborted(signal)) {
        isFirst = false;
        log.warn({ path, reason: this.#state.value.lastError }, "HID chip is offline");
      }
      if (!isAborted(signal)) await pause(backoff.next());
    }
  }

  #publish(patch: Partial<HidDriverState>): void {
    this.#state.set({ ...this.#state.value, ...patch });
  }

  #baudRates(): number[] {
    const { baudRate } = this.#options;
    const wanted = baudRate === "auto" ? [] : [baudRate];
    const known = this.#knownBaudRate === undefined ? [] : [this.#knownBaudRate];
    return [...new Set([...known, ...wanted, ...this.#chip.baudRates])];
  }

  /** Tries every speed once; undefined when nothing answered or the signal aborted, with the reason in the state. */
  async #open(signal: AbortSignal): Promise<Opened<R> | undefined> {
    const { path } = this.#options;
    const baudRates = this.#baudRates();
    try {
      for (const baudRate of baudRates) {
        const opened = await this.#openAt(baudRate, signal);
        if (opened !== undefined || isAborted(signal)) return opened;
      }
    } catch (error) {
      // No other speed makes a port appear.
      if (!isAborted(signal)) this.#publish({ lastError: describeError(error) });
      return undefined;
    }
    const speeds = baudRates.join(", ");
    this.#publish({ lastError: `No ${this.#chip.name} answered on ${path} at ${speeds} baud` });
    return undefined;
  }

  async #openAt(baudRate: number, signal: AbortSignal): Promise<Opened<R> | undefined> {
    const { bus, path, clock, log } = this.#options;
    const link = await bus.open(path, { baudRate });
    const chip = this.#chip;
    const line = new SerialLine({
      link,
      clock,
      log,
      rules: chip,
      replyTimeoutMs: chip.replyTimeoutMs(baudRate),
      onLost: (reason) => {
        this.#session?.lose(reason);
      },
    });
    try {
      await sleep(clock, chip.settleMs, signal);
      chip.forget();
      const status = await identifyChip(line, chip);
      if (status !== undefined && !isAborted(signal)) {
        this.#knownBaudRate = baudRate;
        const description = `${chip.name} ${status.version} at ${baudRate} baud on ${path}`;
        this.#publish({ description });
        return { line, status };
      }
    } catch (error) {
      await line.close();
      throw error;
    }
    await line.close();
    return undefined;
  }

  /** Resolves when the session is over and the port is free. */
  async #serve(opened: Opened<R>, signal: AbortSignal): Promise<SessionEnd> {
    const { log } = this.#options;
    const end = await this.#live(opened, signal);
    this.#session = undefined;
    this.#publish({ ...ABSENT, lastError: end.reason });
    if (end.cause !== "closed") log.warn({ reason: end.reason }, "HID chip went offline");
    await opened.line.close().catch((error: unknown) => {
      log.debug({ err: error }, "closing the port failed");
    });
    return end;
  }

  #live({ line, status }: Opened<R>, signal: AbortSignal): Promise<SessionEnd> {
    const { clock, log } = this.#options;
    return new Promise((resolve) => {
      const session = new SerialSession<R>(
        {
          line,
          chip: this.#chip,
          clock,
          log,
          publish: (patch) => {
            this.#publish(patch);
          },
          onEnd: (end) => {
            signal.removeEventListener("abort", onAbort);
            resolve(end);
          },
        },
        status,
      );
      const onAbort = (): void => {
        session.close();
      };
      this.#session = session;
      signal.addEventListener("abort", onAbort);
      session.start();
      this.#announce(status);
      if (isAborted(signal)) session.close();
    });
  }

  #announce({ leds, hostReady, keyboardOutput, connected, trouble }: ChipStatus): void {
    const { log } = this.#options;
    this.#publish({
      online: true,
      leds,
      hostReady,
      lastError: trouble ?? null,
      ...(keyboardOutput !== undefined && { keyboardOutput }),
      ...(connected !== undefined && { connected }),
    });
    log.info({ description: this.#state.value.description, hostReady }, "HID chip is online");
  }
}
