import { signal } from "@preact/signals";
import { isObject, textOf, textsOf } from "../../lib/json.ts";
import { oneOf, storedJson, storedSignal } from "../../lib/stored.ts";

export const FITS = ["fit", "native"] as const;
/** The whole picture, or pixel by pixel. */
export const fit = storedSignal("console.fit", "fit", oneOf(FITS));

export const VIDEO_CHOICES = ["auto", "h264", "jpeg"] as const;
export const videoChoice = storedSignal("console.video", "auto", oneOf(VIDEO_CHOICES));

/** The layout of the computer's keyboard, for pasting and the on-screen keyboard; empty: the device's. */
export const layoutChoice = storedSignal("console.layout", "", (text) => text);

export const SWITCH = ["off", "on"] as const;
export const showsKeyboard = storedSignal("console.keyboard", "off", oneOf(SWITCH));
/** Mac keyboards of the ISO form. */
export const swapsIsoKeys = storedSignal("console.isoKeys", "off", oneOf(SWITCH));
export const reversesWheel = storedSignal("console.wheel", "off", oneOf(SWITCH));
/** The page's own arrow over the picture; off: only the computer's. */
export const showsPointer = storedSignal("console.pointer", "on", oneOf(SWITCH));

/** Keys that are pressed together. */
export interface Shortcut {
  readonly name: string;
  readonly keys: readonly string[];
}

function parseShortcuts(value: unknown): readonly Shortcut[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item: unknown) => {
    if (!isObject(item)) return [];
    const keys = textsOf(item["keys"]);
    return keys.length === 0 ? [] : [{ name: textOf(item["name"]), keys }];
  });
}

/** The visitor's own. */
export const ownShortcuts = storedJson<readonly Shortcut[]>(
  "console.shortcuts",
  [],
  parseShortcuts,
);

export const PANELS = ["media", "gpio", "health", "people"] as const;
export type Panel = (typeof PANELS)[number];
/** What stands beside the picture. */
export const panel = signal<Panel | undefined>(undefined);

/** Nothing but the picture in the tab. */
export const isBare = signal(false);
/** The bars are shown for a moment although there should be nothing but the picture. */
export const isPeeking = signal(false);
