import { signal } from "@preact/signals";
import { inputBacklog, onLinkGone, sendInput } from "../device-link.ts";
import { reversesWheel, swapsIsoKeys } from "../console-settings.ts";
import { may } from "../../../lib/session.ts";
import { buttonFrame, keyFrame } from "./frames.ts";
import type { MouseButton } from "./frames.ts";
import { KeyboardKeys } from "./keyboard-keys.ts";
import { PointerSender } from "./pointer-sender.ts";

const platform = navigator.userAgent;
export const isMac = /Mac|iPhone|iPad/.test(platform);

/** Runs something later; the answer takes it back. */
export function later(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

/** Names of the keys that are down, for the on-screen keyboard. */
export const heldKeys = signal<ReadonlySet<string>>(new Set());

export const keys = new KeyboardKeys({
  send: (code, isPressed) => {
    sendInput(keyFrame(code, isPressed));
    heldKeys.value = new Set(keys.held);
  },
  later,
  isMac,
  isWindows: platform.includes("Windows"),
});
swapsIsoKeys.subscribe((choice) => {
  keys.swapsIsoKeys = choice === "on";
});

export const pointer = new PointerSender({
  send: sendInput,
  backlog: inputBacklog,
  now: () => performance.now(),
  later,
});
reversesWheel.subscribe((choice) => {
  pointer.reversesWheel = choice === "on";
});

const heldButtons = new Set<MouseButton>();

export function pressButton(button: MouseButton): void {
  pointer.flush();
  heldButtons.add(button);
  sendInput(buttonFrame(button, true));
}

export function releaseButton(button: MouseButton): void {
  if (!heldButtons.delete(button)) return;
  pointer.flush();
  sendInput(buttonFrame(button, false));
}

export function clickButton(button: MouseButton): void {
  pressButton(button);
  releaseButton(button);
}

/** Nothing stays down when the page loses the focus, the connection or the pointer. */
export function releaseEverything(): void {
  keys.releaseAll();
  for (const button of heldButtons) releaseButton(button);
}

onLinkGone(releaseEverything);
addEventListener("blur", releaseEverything);
addEventListener("pagehide", releaseEverything);
document.addEventListener("pointerlockchange", () => {
  if (document.pointerLockElement === null) releaseEverything();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) releaseEverything();
});

/** Presses keys together and lets go in reverse. */
export function tapTogether(codes: readonly string[]): void {
  for (const code of codes) sendInput(keyFrame(code, true));
  for (const code of [...codes].reverse()) sendInput(keyFrame(code, false));
}

/** Those who may only watch send nothing. */
export const mayControl = (): boolean => may("operator");
