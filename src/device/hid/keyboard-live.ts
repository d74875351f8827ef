import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { WebKey } from "../../protocol/hid/web-keys.ts";
import type { HidReport } from "./driver.ts";
import { Keyboard, isChordKey } from "./keyboard.ts";

export interface LiveKeyboardOptions {
  /** Media and system keys have reports of their own. */
  hasMedia(): boolean;
  send(reports: readonly HidReport[]): void;
}

/** The keys that people hold, and the reports that tell the host. */
export class LiveKeyboard {
  readonly #keyboard = new Keyboard();
  readonly #held = createStore(false);
  readonly #options: LiveKeyboardOptions;
  #revision = 0;

  constructor(options: LiveKeyboardOptions) {
    this.#options = options;
  }

  /** Whether any key is down. */
  get held(): Store<boolean> {
    return this.#held;
  }

  /** Counts the times the host was told. */
  get revision(): number {
    return this.#revision;
  }

  reports(): readonly HidReport[] {
    return this.#keyboard.reports(this.#options.hasMedia());
  }

  /** With `finish` the key comes up at once, except modifiers and PrintScreen. */
  press(key: WebKey, finish: boolean): void {
    this.#tell(this.#keyboard.press(key, this.#options.hasMedia()));
    if (finish && !isChordKey(key)) this.release(key);
  }

  release(key: WebKey): void {
    this.#tell(this.#keyboard.release(key, this.#options.hasMedia()));
  }

  releaseAll(): void {
    if (this.#keyboard.isIdle) return;
    this.#keyboard.clear();
    this.#tell(this.reports());
  }

  /** Everything counts as up, without telling the host. */
  forget(): void {
    this.#keyboard.clear();
    this.#revision += 1;
    this.#held.set(false);
  }

  #tell(reports: readonly HidReport[]): void {
    if (reports.length === 0) return;
    this.#revision += 1;
    this.#options.send(reports);
    this.#held.set(!this.#keyboard.isIdle);
  }
}
