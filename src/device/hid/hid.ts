import type { HidConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { ValidationError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore } from "../../core/store.ts";
import { LAYOUT_NAMES, layoutNameOf } from "../../protocol/hid/layout-loader.ts";
import { mouseButtonByName } from "../../protocol/hid/usages.ts";
import { webKeyByName } from "../../protocol/hid/web-keys.ts";
import type { Subsystem } from "../subsystem.ts";
import type { HidDriver, HidReport } from "./driver.ts";
import { runDriver } from "./hid-lifecycle.ts";
import { HidOutput } from "./hid-output.ts";
import { HidSequences, keyOf } from "./hid-sequences.ts";
import type { PrintOptions, ShortcutOptions } from "./hid-sequences.ts";
import { hidStateOf, mouseModeOf } from "./hid-state.ts";
import type { HidState } from "./hid-state.ts";
import { createJiggler } from "./jiggler.ts";
import type { Jiggler } from "./jiggler.ts";
import { LiveKeyboard } from "./keyboard-live.ts";
import { Mouse } from "./mouse.ts";
import type { PrintResult } from "./printer.ts";

export interface KeyOptions {
  /** Comes up at once, except modifiers and PrintScreen. */
  readonly finish?: boolean;
  /** Passes the configured `ignoreKeys`. */
  readonly bypassIgnore?: boolean;
}

export interface HidParams {
  readonly keyboardOutput?: string | undefined;
  readonly mouseOutput?: string | undefined;
  readonly jiggler?: boolean | undefined;
}

/**
 * Keyboard and mouse of the computer. Events are accepted while the chip is offline and lost: `state` says so. Key and
 * button names are the API's (PiKVM API 7.1); unknown ones throw `ValidationError` before anything is pressed.
 */
export interface Hid extends Subsystem<HidState> {
  key(name: string, isPressed: boolean, options?: KeyOptions): void;
  /** Press and release; modifiers and PrintScreen stay down, for chords. */
  tapKey(name: string): void;
  button(name: string, isPressed: boolean): void;
  /** Press and release. */
  tapButton(name: string): void;
  /** Position -32768..32767, clamped; ignored in relative mode. */
  move(x: number, y: number): void;
  /** dx, dy in turn, each clamped to -127..127; ignored in absolute mode. With `squash` summed as far as they fit. */
  relative(deltas: ArrayLike<number>, squash: boolean): void;
  wheel(deltas: ArrayLike<number>, squash: boolean): void;
  /** Presses in order and releases in reverse; one shortcut at a time. Aborted, it releases at once and rejects. */
  shortcut(names: readonly string[], options?: ShortcutOptions): Promise<void>;
  /**
   * Types a text and resolves when all of it is queued; one text at a time. Rejects with `ValidationError` for an unknown
   * keymap, `HidBusyError`, `HidOfflineError`, or `CancelledError` when aborted; then nothing of it stays pressed.
   */
  print(text: string, options?: PrintOptions): Promise<PrintResult>;
  /** Every key and button up, after what is queued already; does not count as activity. */
  releaseAll(): void;
  /** Resolves when the chip has been reset. */
  reset(): Promise<void>;
  /** Outputs that the hardware does not offer are ignored. */
  setParams(params: HidParams): void;
  /** No effect when the hardware cannot detach. */
  setConnected(isConnected: boolean): void;
  /** Whole seconds since the last input. */
  inactivitySeconds(): number;
  keymaps(): { readonly default: string; readonly available: readonly string[] };
}

export interface HidOptions {
  readonly config: HidConfig;
  readonly driver: HidDriver;
  readonly clock: Clock;
  readonly log: Logger;
  /** For the jiggler; 0 <= value < 1. */
  readonly random?: () => number;
}

const FALLBACK_KEYMAP = "en-us";

export function createHid(options: HidOptions): Hid {
  return new DriverHid(options);
}

function buttonBitOf(name: string): number {
  const button = mouseButtonByName(name);
  if (button === undefined) throw new ValidationError(`No mouse button is called '${name}'`);
  return button.bit;
}

class DriverHid implements Hid {
  readonly name = "hid";
  readonly state: MutableStore<HidState>;
  readonly #options: HidOptions;
  readonly #driver: HidDriver;
  readonly #clock: Clock;
  readonly #output: HidOutput;
  readonly #keyboard: LiveKeyboard;
  readonly #mouse: Mouse;
  readonly #jiggler: Jiggler;
  readonly #ignored: ReadonlySet<string>;
  readonly #keymap: string;
  readonly #sequences: HidSequences;
  #activityAt: number;

  constructor(options: HidOptions) {
    const { config, driver, clock, log } = options;
    this.#options = options;
    this.#driver = driver;
    this.#clock = clock;
    this.#activityAt = clock.monotonic();
    this.#ignored = new Set(config.ignoreKeys.map((key) => webKeyByName(key)?.name ?? key));
    this.#keymap = layoutNameOf(config.keymap) ?? FALLBACK_KEYMAP;
    this.#output = new HidOutput({
      driver,
      clock,
      log,
      held: () => this.#heldReports(),
      forget: () => this.#forget(),
    });
    this.#keyboard = new LiveKeyboard({
      hasMedia: () => driver.capabilities.consumer,
      send: (reports) => this.#output.sendAll(reports),
    });
    this.#mouse = new Mouse({
      xRange: config.mouseXRange,
      yRange: config.mouseYRange,
      mode: () => driver.state.value.mouseMode,
      send: (report) => this.#output.send(report),
    });
    this.#sequences = new HidSequences({
      driver,
      clock,
      live: this.#keyboard,
      defaultKeymap: this.#keymap,
      send: (report) => this.#output.send(report),
      touch: () => this.#touch(),
    });
    this.#jiggler = this.#createJiggler();
    this.state = createStore(this.#derive());
  }

  start(scope: Scope): Promise<void> {
    const { config, log } = this.#options;
    if (layoutNameOf(config.keymap) === undefined) {
      log.warn({ keymap: config.keymap, instead: this.#keymap }, "unknown keymap in configuration");
    }
    const unsubscribe = this.#driver.state.subscribe((next, previous) => {
      if (previous.online && !next.online) this.#forget();
      this.#publish();
    });
    scope.defer(() => {
      unsubscribe();
      this.#jiggler.setActive(false);
    });
    runDriver(scope, {
      driver: this.#driver,
      clock: this.#clock,
      log,
      releaseAll: () => this.#discard(),
    });
    if (config.jiggler.enabled && config.jiggler.active) this.#jiggler.setActive(true);
    this.#publish();
    return Promise.resolve();
  }

  key(name: string, isPressed: boolean, options: KeyOptions = {}): void {
    const key = keyOf(name);
    this.#touch();
    if (!isPressed) this.#keyboard.release(key);
    else if (options.bypassIgnore === true || !this.#ignored.has(key.name)) {
      this.#keyboard.press(key, options.finish ?? false);
    }
  }

  tapKey(name: string): void {
    this.key(name, true, { finish: true });
  }

  button(name: string, isPressed: boolean): void {
    const bit = buttonBitOf(name);
    this.#touch();
    this.#mouse.setButton(bit, isPressed);
  }

  tapButton(name: string): void {
    this.button(name, true);
    this.button(name, false);
  }

  move(x: number, y: number): void {
    this.#touch();
    this.#mouse.move(x, y);
  }

  relative(deltas: ArrayLike<number>, squash: boolean): void {
    this.#touch();
    this.#mouse.relative(deltas, squash);
  }

  wheel(deltas: ArrayLike<number>, squash: boolean): void {
    this.#touch();
    this.#mouse.wheel(deltas, squash);
  }

  shortcut(names: readonly string[], options?: ShortcutOptions): Promise<void> {
    return this.#sequences.shortcut(names, options);
  }

  print(text: string, options?: PrintOptions): Promise<PrintResult> {
    return this.#sequences.print(text, options);
  }

  releaseAll(): void {
    this.#forget();
    this.#output.sendAll(this.#heldReports());
  }

  async reset(): Promise<void> {
    this.#discard();
    await this.#driver.reset();
  }

  setParams({ keyboardOutput, mouseOutput, jiggler }: HidParams): void {
    const { keyboardOutputs, mouseOutputs } = this.#driver.capabilities;
    if (keyboardOutput !== undefined && keyboardOutputs.includes(keyboardOutput)) {
      this.#driver.setKeyboardOutput?.(keyboardOutput);
    }
    if (mouseOutput !== undefined && mouseOutputs.includes(mouseOutput)) {
      this.#mouse.releaseButtons();
      this.#driver.setMouseMode(mouseModeOf(mouseOutput));
    }
    if (jiggler !== undefined && this.#options.config.jiggler.enabled) {
      this.#jiggler.setActive(jiggler);
    }
    this.#publish();
  }

  setConnected(isConnected: boolean): void {
    if (this.#driver.capabilities.detachable !== true) return;
    this.#driver.setConnected?.(isConnected);
  }

  inactivitySeconds(): number {
    return Math.floor((this.#clock.monotonic() - this.#activityAt) / 1000);
  }

  keymaps(): { readonly default: string; readonly available: readonly string[] } {
    return { default: this.#keymap, available: LAYOUT_NAMES };
  }

  #createJiggler(): Jiggler {
    const { config, driver, clock, random = Math.random } = this.#options;
    return createJiggler({
      clock,
      random,
      intervalSeconds: config.jiggler.intervalSeconds,
      mouse: this.#mouse,
      isAbsolute: () => driver.state.value.mouseMode === "absolute",
      lastActivityAt: () => this.#activityAt,
      touch: () => this.#touch(),
    });
  }

  #touch(): void {
    this.#activityAt = this.#clock.monotonic();
  }

  /** Everything up, at once: what waits in the driver's queue is not sent any more. */
  #discard(): void {
    this.#forget();
    this.#driver.releaseAll();
  }

  #forget(): void {
    this.#keyboard.forget();
    this.#mouse.clear();
  }

  #heldReports(): readonly HidReport[] {
    return [...this.#keyboard.reports(), { type: "buttons", buttons: this.#mouse.buttons }];
  }

  #derive(): HidState {
    const { enabled, intervalSeconds } = this.#options.config.jiggler;
    return hidStateOf(this.#driver.state.value, this.#driver.capabilities, {
      isEnabled: this.#options.config.backend !== "none",
      jiggler: { enabled, active: this.#jiggler.isActive, intervalSeconds },
    });
  }

  #publish(): void {
    this.state.set(this.#derive());
  }
}
