// Types a text (PiKVM API 4.7). Deliberately different from the original: dead keys and Caps Lock are taken into account,
// keys that somebody holds are never combined with the text, and a text that cannot be typed to its end is an error.
import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError, CancelledError } from "../../core/errors.ts";
import { until } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { KeyStroke, Layout } from "../../protocol/hid/layout.ts";
import type { HidDriver, HidReport } from "./driver.ts";
import { modifiersOf, preparedText, strokesOf } from "../../protocol/hid/printer-text.ts";

/** The chip went offline before everything was typed. */
export class HidOfflineError extends AppError {
  static readonly code = "HID_OFFLINE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", HidOfflineError.code, message, options);
  }
}

/** Keys that people hold meanwhile, and how to let go of them. */
export interface LiveKeys {
  readonly held: Store<boolean>;
  /** Counts the reports that live keys sent: a change means that the host's keyboard shows their state. */
  readonly revision: number;
  releaseAll(): void;
}

export interface PrinterOptions {
  readonly driver: HidDriver;
  readonly clock: Clock;
  readonly live: LiveKeys;
  /** Sends a state that must reach the host, even if the driver has no room for it now. */
  send(report: HidReport): void;
}

export interface PrintJob {
  readonly text: string;
  readonly layout: Layout;
  /** Characters after this many are not typed; 0 = no limit. */
  readonly limit: number;
  /** Pause before each key event, in milliseconds. */
  readonly delayMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told after each character how many of the prepared ones are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface PrintResult {
  readonly typed: number;
  /** Characters that the layout cannot type. */
  readonly skipped: number;
}

/** How long a held live key may stop the text before it is let go. */
const LIVE_PATIENCE_MS = 2000;
/** After each character the driver may take this long to send it; a queue that is busier is left to refuse. */
const DRAIN_PATIENCE_MS = 250;
const FULL_QUEUE_PAUSE_MS = 5;

/** Waits for the driver's queue, for a bounded time. */
async function drainedSoon({ driver, clock }: PrinterOptions): Promise<void> {
  let cancel = (): void => undefined;
  const patience = new Promise<void>((resolve) => {
    cancel = clock.setTimer(DRAIN_PATIENCE_MS, resolve);
  });
  await Promise.race([driver.drained(), patience]);
  cancel();
}

/** One text being typed. Live key events may come between any two steps; their reports replace ours on the host. */
class Typist {
  readonly #options: PrinterOptions;
  readonly #job: PrintJob;
  /** Modifiers that our own last report holds down on the host. */
  #modifiers = 0;
  #isKeyDown = false;
  #revision: number;

  constructor(options: PrinterOptions, job: PrintJob) {
    this.#options = options;
    this.#job = job;
    this.#revision = options.live.revision;
  }

  async type(stroke: KeyStroke): Promise<void> {
    const { leds } = this.#options.driver.state.value;
    const modifiers = modifiersOf(stroke, leds.caps);
    await this.#ready();
    if (this.#modifiers !== modifiers) await this.#emit(modifiers, 0);
    await this.#emit(modifiers, stroke.usage);
    await this.#emit(modifiers, 0);
  }

  /** The end of the text: Shift and AltGr up. */
  async finish(): Promise<void> {
    await this.#emit(0, 0);
  }

  /** Everything of ours up at once; keys that people hold stay down. Does nothing after `finish`. */
  letGo(): void {
    this.#notice();
    if (this.#isOnHost(0, 0)) return;
    this.#options.send(keyboardReport(0, 0));
    this.#modifiers = 0;
    this.#isKeyDown = false;
  }

  async typeAll(strokes: readonly KeyStroke[]): Promise<void> {
    for (const stroke of strokes) await this.type(stroke);
    await drainedSoon(this.#options);
  }

  /** Forgets what we held when a live report has replaced it. */
  #notice(): void {
    if (this.#revision === this.#options.live.revision) return;
    this.#revision = this.#options.live.revision;
    this.#modifiers = 0;
    this.#isKeyDown = false;
  }

  /** Waits until nobody holds a key, at most for a while: then the keys are let go, so that a text cannot hang. */
  async #ready(): Promise<void> {
    const { live } = this.#options;
    const { signal } = this.#job;
    if (isAborted(signal)) throw new CancelledError();
    if (live.held.value) {
      await this.#waitForLive();
      if (isAborted(signal)) throw new CancelledError();
    }
    this.#notice();
  }

  async #waitForLive(): Promise<void> {
    const { live, clock } = this.#options;
    const { signal } = this.#job;
    const patience = new AbortController();
    const cancel = clock.setTimer(LIVE_PATIENCE_MS, () => patience.abort());
    const stop =
      signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
    await until(live.held, (isHeld) => !isHeld, stop).catch(() => undefined);
    cancel();
    if (patience.signal.aborted) live.releaseAll();
  }

  async #emit(modifiers: number, usage: number): Promise<void> {
    const { clock } = this.#options;
    if (this.#isOnHost(modifiers, usage)) return;
    if (this.#job.delayMs > 0) await sleep(clock, this.#job.delayMs, this.#job.signal);
    await this.#ready();
    if (this.#isOnHost(modifiers, usage)) return;
    await this.#submit(keyboardReport(modifiers, usage));
    this.#modifiers = modifiers;
    this.#isKeyDown = usage !== 0;
  }

  #isOnHost(modifiers: number, usage: number): boolean {
    return usage === 0 && !this.#isKeyDown && this.#modifiers === modifiers;
  }

  async #submit(report: HidReport): Promise<void> {
    const { driver, clock } = this.#options;
    while (!driver.submit(report)) {
      const { online, lastError } = driver.state.value;
      if (!online) throw new HidOfflineError(lastError ?? "Keyboard is offline");
      await drainedSoon(this.#options);
      await sleep(clock, FULL_QUEUE_PAUSE_MS, this.#job.signal);
      await this.#ready();
    }
  }
}

function keyboardReport(modifiers: number, usage: number): HidReport {
  return { type: "keyboard", modifiers, keys: usage === 0 ? [] : [usage] };
}

/**
 * Types a text at the driver's pace and resolves when all of it is queued. Rejects with `CancelledError` when aborted and
 * with `HidOfflineError` when the chip goes away; either way nothing stays pressed. Callers do not overlap.
 */
export async function printText(options: PrinterOptions, job: PrintJob): Promise<PrintResult> {
  const chars = preparedText(job.text, job.limit);
  const typist = new Typist(options, job);
  let [typed, skipped] = [0, 0];
  try {
    for (const char of chars) {
      const strokes = strokesOf(char, job.layout);
      if (strokes === undefined) {
        skipped += 1;
      } else {
        await typist.typeAll(strokes);
        typed += 1;
      }
      job.onProgress?.(typed + skipped, chars.length);
    }
    await typist.finish();
  } finally {
    typist.letGo();
  }
  return { typed, skipped };
}
