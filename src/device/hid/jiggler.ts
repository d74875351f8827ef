// Moves the mouse a little when nobody does (PiKVM API 7.4).
import { every, sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Mouse } from "./mouse.ts";

export interface JigglerOptions {
  readonly clock: Clock;
  readonly intervalSeconds: number;
  /** 0 <= value < 1; injectable for tests. */
  readonly random: () => number;
  readonly mouse: Pick<Mouse, "position" | "move" | "relative">;
  isAbsolute(): boolean;
  /** When the last input was, on the clock's monotonic scale. */
  lastActivityAt(): number;
  /** The jiggler's own moves count as activity. */
  touch(): void;
}

export interface Jiggler {
  readonly isActive: boolean;
  setActive(isActive: boolean): void;
}

const CHECK_PERIOD_MS = 1000;
const STEP_MS = 100;
const STEPS = 10;
const ABSOLUTE_STEP = 100;
const RELATIVE_STEP = 10;
const SPREAD = 0.25;

/** Starts inactive; while inactive it has no timer. */
export function createJiggler(options: JigglerOptions): Jiggler {
  const { clock, mouse } = options;
  let stop: (() => void) | undefined;
  let isJiggling = false;
  let waitMs = 0;

  const chooseWait = (): void => {
    const spread = 1 + SPREAD * (2 * options.random() - 1);
    waitMs = Math.max(1000, options.intervalSeconds * 1000 * spread);
  };

  const step = (index: number, x: number, y: number): void => {
    const sign = index % 2 === 0 ? 1 : -1;
    if (options.isAbsolute()) mouse.move(x + sign * ABSOLUTE_STEP, y + sign * ABSOLUTE_STEP);
    else mouse.relative([sign * RELATIVE_STEP, sign * RELATIVE_STEP], false);
    options.touch();
  };

  /** Ends early when somebody uses keyboard or mouse, so that it never takes the pointer away from them. */
  const jiggle = async (): Promise<void> => {
    const { x, y } = mouse.position;
    const wasAbsolute = options.isAbsolute();
    for (let index = 0; index < STEPS; index += 1) {
      step(index, x, y);
      const touchedAt = options.lastActivityAt();
      await sleep(clock, STEP_MS);
      if (options.lastActivityAt() !== touchedAt || stop === undefined) return;
    }
    if (!wasAbsolute) return;
    mouse.move(x, y);
    options.touch();
  };

  const check = (): void => {
    if (isJiggling || clock.monotonic() - options.lastActivityAt() < waitMs) return;
    isJiggling = true;
    void jiggle().finally(() => {
      isJiggling = false;
      chooseWait();
    });
  };

  return {
    get isActive() {
      return stop !== undefined;
    },
    setActive(isActive) {
      if (isActive === (stop !== undefined)) return;
      stop?.();
      chooseWait();
      stop = isActive ? every(clock, CHECK_PERIOD_MS, check) : undefined;
    },
  };
}
