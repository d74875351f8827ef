import { clamp } from "../../core/bytes.ts";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { createStore, isEqual } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import { enterPhase, OFF_STATE, TARGET_HEIGHT, TARGET_WIDTH } from "./target-state.ts";
import type { TargetDisk, TargetPhase, TargetState } from "./target-state.ts";
import { typeBackspace, typeChar, typeEnter, typeTab } from "./text-screen.ts";
import { charOf, MODIFIER, USAGE } from "./us-keys.ts";

/** The power button held this long switches hard off. */
export const HARD_OFF_MS = 4000;
/** The disk light toggles this often while the disk works. */
export const HDD_FLICKER_MS = 150;
/** Flickers until the firmware drives USB, until the system is up, and until it is down. */
const USB_TICKS = 6;
const BOOT_TICKS = 20;
const STOP_TICKS = 10;
export const BOOT_MS = BOOT_TICKS * HDD_FLICKER_MS;
export const SHUTDOWN_MS = STOP_TICKS * HDD_FLICKER_MS;

const SYSTEM_POWER = 0x01;

/**
 * Model of the controlled computer. Lines and reports come in, `state` shows what it made of them. Input reaches it
 * only while `usbReady`; whoever feeds it checks that. Time is the clock's; an idle model holds no timer.
 */
export interface TargetPc {
  readonly state: Store<TargetState>;
  /** A press while off switches on at once; held for 4 s it switches hard off; a shorter one shuts down. */
  setPowerSwitch(isPressed: boolean): void;
  /** While on: the computer stands still as long as the button is held and boots on release. */
  setResetSwitch(isPressed: boolean): void;
  /** A whole boot report; keys act when they go down. */
  keyboard(modifiers: number, keys: readonly number[]): void;
  /** Bits of the CH9329's media report. */
  media(bits: number): void;
  /** Bits of the system report: 1 power, 2 sleep, 4 wake. */
  system(bits: number): void;
  /** Fractions of the screen, 0..1. */
  moveTo(x: number, y: number): void;
  /** Pixels. */
  moveBy(dx: number, dy: number): void;
  setButtons(buttons: number): void;
  turnWheel(steps: number): void;
  /** What is in its USB drive from now on. */
  setDisk(disk: TargetDisk | null): void;
  /** All input devices went away: nothing is held any more. */
  releaseInput(): void;
  /** Stops every timer. */
  close(): void;
}

class SimTargetPc implements TargetPc {
  readonly #clock: Clock;
  readonly #store = createStore<TargetState>(OFF_STATE, Object.is);
  #isPowerPressed = false;
  #isResetPressed = false;
  /** The press of the power button has had its effect: its release means nothing. */
  #isPressSpent = false;
  #cancelHold = (): void => undefined;
  #cancelPhase = (): void => undefined;

  constructor(clock: Clock, isOn: boolean) {
    this.#clock = clock;
    if (isOn) this.#enter("running");
  }

  get state(): Store<TargetState> {
    return this.#store;
  }

  setPowerSwitch(isPressed: boolean): void {
    if (isPressed === this.#isPowerPressed) return;
    this.#isPowerPressed = isPressed;
    if (isPressed) this.#pressPower();
    else this.#releasePower();
  }

  #pressPower(): void {
    this.#isPressSpent = !this.#store.value.power;
    if (this.#isPressSpent) this.#boot();
    this.#cancelHold = this.#clock.setTimer(HARD_OFF_MS, () => {
      this.#isPressSpent = true;
      this.#enter("off");
    });
  }

  #releasePower(): void {
    this.#cancelHold();
    const { phase } = this.#store.value;
    if (!this.#isPressSpent && (phase === "booting" || phase === "running")) this.#shutDown();
  }

  setResetSwitch(isPressed: boolean): void {
    if (isPressed === this.#isResetPressed) return;
    this.#isResetPressed = isPressed;
    if (!this.#store.value.power) return;
    if (isPressed) this.#enter("reset");
    else this.#boot();
  }

  #enter(phase: TargetPhase): void {
    this.#cancelPhase();
    this.#cancelPhase = (): void => undefined;
    this.#store.set(enterPhase(this.#store.value, phase));
  }

  #boot(): void {
    this.#enter("booting");
    this.#flicker(BOOT_TICKS, "running");
  }

  #shutDown(): void {
    this.#enter("stopping");
    this.#flicker(STOP_TICKS, "off");
  }

  #flicker(ticks: number, next: TargetPhase): void {
    let left = ticks;
    this.#cancelPhase = every(this.#clock, HDD_FLICKER_MS, () => {
      left -= 1;
      if (left === 0) {
        this.#enter(next);
        return;
      }
      const { usbReady, hddLed } = this.#store.value;
      this.#patch({ hddLed: !hddLed, usbReady: usbReady || ticks - left >= USB_TICKS });
    });
  }

  keyboard(modifiers: number, keys: readonly number[]): void {
    const before = this.#store.value;
    this.#patch({ modifiers, keys: [...keys] });
    for (const key of keys) {
      if (!before.keys.includes(key)) this.#keyDown(key, modifiers);
    }
  }

  #keyDown(usage: number, modifiers: number): void {
    const { leds, lines } = this.#store.value;
    const isChord = (modifiers & MODIFIER.control) !== 0 && (modifiers & MODIFIER.alt) !== 0;
    if (usage === USAGE.delete && isChord) this.#boot();
    else if (usage === USAGE.capsLock) this.#patch({ leds: { ...leds, caps: !leds.caps } });
    else if (usage === USAGE.numLock) this.#patch({ leds: { ...leds, num: !leds.num } });
    else if (usage === USAGE.scrollLock) this.#patch({ leds: { ...leds, scroll: !leds.scroll } });
    else this.#patch({ lines: this.#typed(lines, usage, modifiers) });
  }

  #typed(lines: readonly string[], usage: number, modifiers: number): readonly string[] {
    if (this.#store.value.phase !== "running") return lines;
    switch (usage) {
      case USAGE.enter:
      case USAGE.keypadEnter:
        return typeEnter(lines);
      case USAGE.backspace:
        return typeBackspace(lines);
      case USAGE.tab:
        return typeTab(lines);
      default: {
        const char = charOf(usage, modifiers, this.#store.value.leds);
        return char === undefined ? lines : typeChar(lines, char);
      }
    }
  }

  media(bits: number): void {
    this.#patch({ media: bits });
  }

  system(bits: number): void {
    const { phase } = this.#store.value;
    if ((bits & SYSTEM_POWER) !== 0 && phase === "running") this.#shutDown();
  }

  moveTo(x: number, y: number): void {
    this.#setPointer(x * (TARGET_WIDTH - 1), y * (TARGET_HEIGHT - 1));
  }

  moveBy(dx: number, dy: number): void {
    const { pointer } = this.#store.value;
    this.#setPointer(pointer.x + dx, pointer.y + dy);
  }

  #setPointer(x: number, y: number): void {
    this.#patch({
      pointer: {
        x: clamp(Math.round(x), 0, TARGET_WIDTH - 1),
        y: clamp(Math.round(y), 0, TARGET_HEIGHT - 1),
      },
    });
  }

  setButtons(buttons: number): void {
    this.#patch({ buttons });
  }

  turnWheel(steps: number): void {
    this.#patch({ wheel: this.#store.value.wheel + steps });
  }

  setDisk(disk: TargetDisk | null): void {
    this.#patch({ disk });
  }

  releaseInput(): void {
    this.#patch({ modifiers: 0, keys: [], media: 0, buttons: 0 });
  }

  close(): void {
    this.#cancelHold();
    this.#cancelPhase();
  }

  #patch(change: Partial<TargetState>): void {
    const { value } = this.#store;
    const next = { ...value, ...change };
    if (!isEqual(value, next)) this.#store.set(next);
  }
}

export function createTargetPc(clock: Clock, options: { readonly isOn?: boolean } = {}): TargetPc {
  return new SimTargetPc(clock, options.isOn ?? true);
}
