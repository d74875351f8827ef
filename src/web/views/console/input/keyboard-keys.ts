// What browsers and systems do with keys, undone (hardware notes 4.3). Pure, so that it can be tested without a browser.

/** The part of a `KeyboardEvent` that counts. */
export interface KeyEvent {
  readonly type: string;
  readonly code: string;
  readonly repeat: boolean;
}

export interface KeyboardKeysOptions {
  readonly send: (code: string, isPressed: boolean) => void;
  /** Runs later; the answer takes it back. */
  readonly later: (ms: number, work: () => void) => () => void;
  readonly isMac: boolean;
  readonly isWindows: boolean;
}

/** AltGr on Windows comes as the left Control key and then this soon as the right Alt key. */
const ALT_GR_MS = 50;

const SWAPPED: Readonly<Record<string, string>> = {
  Backquote: "IntlBackslash",
  IntlBackslash: "Backquote",
};

const MODIFIERS = new Set(
  ["Control", "Shift", "Alt", "Meta"].flatMap((name) => [`${name}Left`, `${name}Right`]),
);
export const isModifier = (code: string): boolean => MODIFIERS.has(code);

/** Which keys are down, and what the computer is told about it. */
export class KeyboardKeys {
  readonly #options: KeyboardKeysOptions;
  readonly #held = new Set<string>();
  #takeBackControl: (() => void) | undefined;
  /** Keyboards of the ISO form on a Mac report these two the wrong way round. */
  swapsIsoKeys = false;

  constructor(options: KeyboardKeysOptions) {
    this.#options = options;
  }

  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** Takes an event of the browser. The computer repeats keys by itself. */
  take({ type, code, repeat }: KeyEvent): void {
    if (repeat || code === "") return;
    const actual = this.swapsIsoKeys ? (SWAPPED[code] ?? code) : code;
    if (this.#isWholePress(type, code)) this.#tap(actual);
    else if (type === "keydown") this.#down(actual);
    else this.#up(actual);
  }

  /** Presses by a button of the page; stays down until released. */
  press(code: string): void {
    if (this.#held.has(code)) return;
    this.#held.add(code);
    this.#options.send(code, true);
  }

  release(code: string): void {
    if (this.#held.delete(code)) this.#options.send(code, false);
  }

  /** Lets go of everything: the page no longer hears what is released. */
  releaseAll(): void {
    this.#forgetControl();
    for (const code of this.#held) this.#options.send(code, false);
    this.#held.clear();
  }

  /**
   * A Mac tells of Caps Lock once when its light goes on and once when it goes off; Windows tells of Print Screen only
   * that it was let go.
   */
  #isWholePress(type: string, code: string): boolean {
    if (code === "CapsLock") return this.#options.isMac;
    return code === "PrintScreen" && type === "keyup" && !this.#held.has(code);
  }

  #tap(code: string): void {
    this.press(code);
    this.release(code);
  }

  #down(code: string): void {
    if (this.#options.isWindows && code === "ControlLeft") {
      this.#holdControlBack();
      return;
    }
    if (code === "AltRight") this.#forgetControl();
    else this.#sendControlNow();
    this.press(code);
  }

  #up(code: string): void {
    if (code === "ControlLeft") this.#sendControlNow();
    this.release(code);
    // While Command is down a Mac tells of no other key that it is up.
    if (this.#options.isMac && code.startsWith("Meta")) {
      for (const other of [...this.#held].filter((name) => !isModifier(name))) this.release(other);
    }
  }

  #holdControlBack(): void {
    if (this.#takeBackControl !== undefined || this.#held.has("ControlLeft")) return;
    this.#takeBackControl = this.#options.later(ALT_GR_MS, () => this.#sendControlNow());
  }

  #sendControlNow(): void {
    if (this.#takeBackControl === undefined) return;
    this.#forgetControl();
    this.press("ControlLeft");
  }

  #forgetControl(): void {
    this.#takeBackControl?.();
    this.#takeBackControl = undefined;
  }
}
