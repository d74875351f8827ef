/** What the controlled computer is doing. `reset`: the reset button is held down. */
export type TargetPhase = "off" | "booting" | "running" | "stopping" | "reset";

/** A disk or disc that the computer sees on its USB port. */
export interface TargetDisk {
  /** Name of the image's file. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly cdrom: boolean;
  readonly writable: boolean;
}

/** The controlled computer as one could see it from outside and on its screen. */
export interface TargetState {
  readonly phase: TargetPhase;
  readonly power: boolean;
  readonly booting: boolean;
  /** Its USB host works: input devices are enumerated. */
  readonly usbReady: boolean;
  /** Lights of the case. */
  readonly powerLed: boolean;
  readonly hddLed: boolean;
  /** Lights of the keyboard. */
  readonly leds: { readonly num: boolean; readonly caps: boolean; readonly scroll: boolean };
  /** Screen text: at most `SCREEN_ROWS` lines of `SCREEN_COLUMNS`, the cursor at the end of the last. */
  readonly lines: readonly string[];
  /** Pixels from the top left corner. */
  readonly pointer: { readonly x: number; readonly y: number };
  /** Bits: 1 left, 2 right, 4 middle, 8 back, 16 forward. */
  readonly buttons: number;
  /** Turns of the wheel so far, up is positive. */
  readonly wheel: number;
  /** Keys held: bits of the boot report, usages of page 07, bits of the chip's media bitmap. */
  readonly modifiers: number;
  readonly keys: readonly number[];
  readonly media: number;
  /** The medium in its USB drive. */
  readonly disk: TargetDisk | null;
}

export const TARGET_WIDTH = 1920;
export const TARGET_HEIGHT = 1080;

const NOTHING_HELD = { buttons: 0, modifiers: 0, keys: [], media: 0 } as const;
const NO_LEDS = { num: false, caps: false, scroll: false } as const;

/** The state on entering a phase: only `stopping` keeps what was on the screen and in the user's hands. */
export function enterPhase(state: TargetState, phase: TargetPhase): TargetState {
  const power = phase !== "off";
  const common = { phase, power, booting: phase === "booting", powerLed: power, hddLed: false };
  if (phase === "stopping") return { ...state, ...common };
  const isRunning = phase === "running";
  return {
    ...state,
    ...common,
    ...NOTHING_HELD,
    usbReady: isRunning,
    leds: isRunning ? { ...NO_LEDS, num: true } : NO_LEDS,
    lines: phase === "booting" ? ["Starting..."] : [""],
  };
}

export const OFF_STATE: TargetState = {
  phase: "off",
  power: false,
  booting: false,
  usbReady: false,
  powerLed: false,
  hddLed: false,
  leds: NO_LEDS,
  lines: [""],
  pointer: { x: TARGET_WIDTH / 2, y: TARGET_HEIGHT / 2 },
  wheel: 0,
  disk: null,
  ...NOTHING_HELD,
};
