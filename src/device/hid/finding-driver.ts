import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { createStore } from "../../core/store.ts";
import { isAborted } from "../../core/abort.ts";
import type { HidCapabilities, HidDriver, HidDriverState, HidReport, MouseMode } from "./driver.ts";

/** How often an absent chip is looked for. */
const SEARCH_PERIOD_MS = 5000;
/** A found chip that is gone for so long is looked for anew: its cable may be in another port. */
const FORGET_AFTER_MS = 30_000;

export interface FindingHidOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly mouseMode: MouseMode;
  /** What is assumed until a chip is found. */
  readonly capabilities: HidCapabilities;
  /** Looks once; undefined when nothing answered. `explain` says where it looked, for people. */
  find(signal: AbortSignal): Promise<HidDriver | undefined>;
  explain(): string;
}

/**
 * A driver whose chip is not known beforehand: looks for one until it answers, then passes everything on to the
 * driver that fits, and looks again when that chip stays away. Used for the back end `auto` and for serial paths that are not fixed.
 */
export class FindingHid implements HidDriver {
  readonly state;
  readonly #options: FindingHidOptions;
  #found: HidDriver | undefined;
  #mouseMode: MouseMode;

  constructor(options: FindingHidOptions) {
    this.#options = options;
    this.#mouseMode = options.mouseMode;
    this.state = createStore<HidDriverState>({
      online: false,
      hostReady: null,
      busy: false,
      leds: { num: false, caps: false, scroll: false },
      mouseMode: options.mouseMode,
      lastError: null,
      description: null,
    });
  }

  get capabilities(): HidCapabilities {
    return this.#found?.capabilities ?? this.#options.capabilities;
  }

  async run(signal: AbortSignal): Promise<void> {
    let isWanted = true;
    while (isWanted) {
      const driver = await this.#search(signal);
      isWanted = driver !== undefined && (await this.#use(driver, signal));
    }
  }

  submit(report: HidReport): boolean {
    return this.#found?.submit(report) ?? false;
  }

  drained(): Promise<void> {
    return this.#found?.drained() ?? Promise.resolve();
  }

  releaseAll(): void {
    this.#found?.releaseAll();
  }

  async reset(): Promise<void> {
    await this.#found?.reset();
  }

  setMouseMode(mode: MouseMode): void {
    this.#mouseMode = mode;
    if (this.#found === undefined) this.state.set({ ...this.state.value, mouseMode: mode });
    else this.#found.setMouseMode(mode);
  }

  setKeyboardOutput(output: string): void {
    this.#found?.setKeyboardOutput?.(output);
  }

  setConnected(connected: boolean): void {
    this.#found?.setConnected?.(connected);
  }

  /** Until the driver ends; true when that is because the chip has been gone for long. */
  async #use(driver: HidDriver, signal: AbortSignal): Promise<boolean> {
    const gone = new AbortController();
    let cancel: (() => void) | undefined;
    const take = (next: HidDriverState): void => {
      if (next.online) cancel?.();
      cancel = next.online ? undefined : (cancel ?? this.#forgetLater(gone));
      this.state.set(next);
    };
    this.#found = driver;
    driver.setMouseMode(this.#mouseMode);
    const unsubscribe = driver.state.subscribe(take);
    take(driver.state.value);
    try {
      await driver.run(AbortSignal.any([signal, gone.signal]));
      return gone.signal.aborted && !isAborted(signal);
    } finally {
      unsubscribe();
      cancel?.();
      this.state.set(driver.state.value);
      this.#found = undefined;
    }
  }

  #forgetLater(gone: AbortController): () => void {
    return this.#options.clock.setTimer(FORGET_AFTER_MS, () => {
      gone.abort();
    });
  }

  async #search(signal: AbortSignal): Promise<HidDriver | undefined> {
    const { clock, log } = this.#options;
    let said: string | undefined;
    while (!isAborted(signal)) {
      const driver = await this.#options.find(signal);
      if (driver !== undefined) return driver;
      const reason = this.#options.explain();
      this.state.set({ ...this.state.value, lastError: reason });
      if (reason !== said && !isAborted(signal)) log.warn({ reason }, "No HID chip was found");
      said = reason;
      await sleep(clock, SEARCH_PERIOD_MS, signal).catch(() => undefined);
    }
    return undefined;
  }
}
