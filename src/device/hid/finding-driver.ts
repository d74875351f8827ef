import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { createStore } from "../../core/store.ts";
import { isAborted } from "../../core/abort.ts";
import type { HidCapabilities, HidDriver, HidDriverState, HidReport, MouseMode } from "./driver.ts";

/** How often an absent chip is looked for. */
const SEARCH_PERIOD_MS = 5000;

export interface FindingHidOptions {
  readonly clock: Clock;
  readonly mouseMode: MouseMode;
  /** What is assumed until a chip is found. */
  readonly capabilities: HidCapabilities;
  /** Looks once; undefined when nothing answered. `explain` says where it looked, for people. */
  find(signal: AbortSignal): Promise<HidDriver | undefined>;
  explain(): string;
}

/**
 * A driver whose chip is not known beforehand: looks for one until it answers, then passes everything on to the
 * driver that fits. Used for the back end `auto` and for serial paths that are not fixed.
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
    const driver = this.#found ?? (await this.#search(signal));
    if (driver === undefined) return;
    this.#found = driver;
    driver.setMouseMode(this.#mouseMode);
    const unsubscribe = driver.state.subscribe((next) => {
      this.state.set(next);
    });
    this.state.set(driver.state.value);
    try {
      await driver.run(signal);
    } finally {
      unsubscribe();
      this.state.set(driver.state.value);
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

  async #search(signal: AbortSignal): Promise<HidDriver | undefined> {
    while (!isAborted(signal)) {
      const driver = await this.#options.find(signal);
      if (driver !== undefined) return driver;
      this.state.set({ ...this.state.value, lastError: this.#options.explain() });
      await sleep(this.#options.clock, SEARCH_PERIOD_MS, signal).catch(() => undefined);
    }
    return undefined;
  }
}
