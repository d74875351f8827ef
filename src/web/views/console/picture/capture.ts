import { signal } from "@preact/signals";
import { isBare, isPeeking } from "../console-settings.ts";

const LEAVE = ["Control", "Shift", "Alt"] as const;
/** Pressed together and let go: the way back from the computer to the page. */
export const LEAVE_KEYS = "Ctrl + Shift + Alt";

interface KeyboardLock {
  lock(codes?: readonly string[]): Promise<void>;
  unlock(): void;
}

declare global {
  interface Navigator {
    /** Chromium only, on connections that it calls secure. */
    readonly keyboard?: KeyboardLock;
  }
}

const keyboardLock = (): KeyboardLock | undefined => navigator.keyboard;

function areAllHeld(held: ReadonlySet<string>): boolean {
  return LEAVE.every((name) => held.has(`${name}Left`) || held.has(`${name}Right`));
}

/** Where keyboard and mouse go: to the computer, or to this page. */
class Capture {
  /** The element that takes the keys. */
  stage: HTMLElement | undefined;
  readonly isFocused = signal(false);
  /** The mouse belongs to the computer. */
  readonly isLocked = signal(false);
  readonly isFullscreen = signal(false);
  #mayLeave = false;

  constructor() {
    document.addEventListener("pointerlockchange", () => {
      this.isLocked.value = document.pointerLockElement !== null;
    });
    document.addEventListener("fullscreenchange", () => {
      this.isFullscreen.value = document.fullscreenElement !== null;
      if (document.fullscreenElement === null) keyboardLock()?.unlock();
    });
  }

  /** Whether all keys are the computer's, also those of the system; only on the whole screen and in some browsers. */
  static canLockKeyboard(): boolean {
    return keyboardLock() !== undefined;
  }

  focus(): void {
    this.stage?.focus({ preventScroll: true });
  }

  async lockPointer(): Promise<void> {
    try {
      // What is locked gets all events of the mouse: that has to be the one that listens.
      await this.stage?.querySelector("canvas")?.requestPointerLock();
    } catch {
      // The browser wants some time between two of them; the next click asks again.
    }
  }

  /** The whole screen, with every key where the browser permits it. */
  async toggleFullscreen(): Promise<void> {
    if (document.fullscreenElement !== null) {
      await document.exitFullscreen();
      return;
    }
    await document.documentElement.requestFullscreen({ navigationUI: "hide" });
    try {
      await keyboardLock()?.lock();
    } catch {
      // Then the system's own shortcuts stay with the system.
    }
    this.focus();
  }

  /**
   * Control, Shift and Alt together, and nothing else, lead back to the page: people without a mouse need a way out.
   * True for the event that leaves; before it everything is sent as usual.
   */
  isLeaving({ type, code }: KeyboardEvent, held: ReadonlySet<string>): boolean {
    if (type === "keydown") {
      const now = new Set([...held, code]);
      this.#mayLeave = now.size === LEAVE.length && areAllHeld(now);
      return false;
    }
    if (!this.#mayLeave || !areAllHeld(held)) return false;
    this.#mayLeave = false;
    this.stage?.blur();
    document.exitPointerLock();
    isPeeking.value = true;
    // When the bars are there.
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(".toolbar button")?.focus();
    });
    return true;
  }
}

export const capture = new Capture();
/** Whether there is nothing on the page but the picture. */
export const isBareView = (): boolean =>
  (isBare.value || capture.isFullscreen.value) && !isPeeking.value;

export const canLockKeyboard = (): boolean => Capture.canLockKeyboard();
