// Which keys are down, and the reports that follow from a change (PiKVM API 7.2). Pure: no driver, no time.
import { modifierBitOf } from "../../protocol/hid/usages.ts";
import type { WebKey } from "../../protocol/hid/web-keys.ts";
import type { HidReport } from "./driver.ts";

const MAX_KEYS = 6;

/** Keys that `finish` and a tap leave down, so that chords can be built on them. */
export function isChordKey(key: WebKey): boolean {
  return key.kind === "modifier" || key.name === "PrintScreen";
}

type SystemControl = 0 | 1 | 2 | 3;

function systemControl(usage: number): SystemControl {
  return usage === 1 || usage === 2 || usage === 3 ? usage : 0;
}

/** The keys held down on all three pages. Each change returns the reports that tell the host. */
export class Keyboard {
  #modifiers = 0;
  #keys: readonly number[] = [];
  #consumer = 0;
  #system: SystemControl = 0;

  get isIdle(): boolean {
    return (
      this.#modifiers === 0 && this.#keys.length === 0 && this.#consumer === 0 && this.#system === 0
    );
  }

  /** The complete state; what a host that missed reports has to be told. */
  reports(hasMedia: boolean): readonly HidReport[] {
    if (!hasMedia) return [this.#keyboardReport()];
    return [
      this.#keyboardReport(),
      { type: "consumer", usage: this.#consumer },
      { type: "system", control: this.#system },
    ];
  }

  /** Everything up, without reports. */
  clear(): void {
    this.#modifiers = 0;
    this.#keys = [];
    this.#consumer = 0;
    this.#system = 0;
  }

  /**
   * A key that is down already is released first; a seventh key releases the other six. Without `hasMedia` media and
   * system keys go to their keyboard usage, or nowhere.
   */
  press(key: WebKey, hasMedia: boolean): readonly HidReport[] {
    const released = this.release(key, hasMedia);
    if (hasMedia && key.kind === "consumer") {
      this.#consumer = key.usage;
      return [...released, { type: "consumer", usage: key.usage }];
    }
    if (hasMedia && key.kind === "system") {
      this.#system = systemControl(key.usage);
      return [...released, { type: "system", control: this.#system }];
    }
    return [...released, ...this.#pressOnKeyboard(key.keyboardUsage)];
  }

  /** A key that is not down needs no report. */
  release(key: WebKey, hasMedia: boolean): readonly HidReport[] {
    if (hasMedia && key.kind === "consumer") {
      if (this.#consumer !== key.usage) return [];
      this.#consumer = 0;
      return [{ type: "consumer", usage: 0 }];
    }
    if (hasMedia && key.kind === "system") {
      if (this.#system !== key.usage) return [];
      this.#system = 0;
      return [{ type: "system", control: 0 }];
    }
    return this.#releaseOnKeyboard(key.keyboardUsage);
  }

  #pressOnKeyboard(usage: number): readonly HidReport[] {
    if (usage === 0) return [];
    const bit = modifierBitOf(usage);
    if (bit !== 0) {
      this.#modifiers |= bit;
      return [this.#keyboardReport()];
    }
    const reports: HidReport[] = [];
    if (this.#keys.length >= MAX_KEYS) {
      this.#keys = [];
      reports.push(this.#keyboardReport());
    }
    this.#keys = [...this.#keys, usage];
    reports.push(this.#keyboardReport());
    return reports;
  }

  #releaseOnKeyboard(usage: number): readonly HidReport[] {
    const bit = modifierBitOf(usage);
    const isDown = bit === 0 ? this.#keys.includes(usage) : (this.#modifiers & bit) !== 0;
    if (!isDown) return [];
    this.#modifiers &= ~bit;
    this.#keys = this.#keys.filter((held) => held !== usage);
    return [this.#keyboardReport()];
  }

  #keyboardReport(): HidReport {
    return { type: "keyboard", modifiers: this.#modifiers, keys: this.#keys };
  }
}
