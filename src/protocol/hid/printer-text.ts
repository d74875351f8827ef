// What is typed for each character of a text (PiKVM API 4.7, printing rules).
import type { KeyStroke, Layout } from "./layout.ts";
import { MODIFIER, USAGE } from "./usages.ts";

/** Typographic characters that no keyboard has; the em dash becomes two dashes. */
const REPLACEMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["‘", ["'"]],
  ["’", ["'"]],
  ["‚", ["'"]],
  ["“", ['"']],
  ["”", ['"']],
  ["„", ['"']],
  ["–", ["-"]],
  ["—", ["-", "-"]],
]);

const plainKey = (usage: number): KeyStroke => ({ usage, modifiers: 0, isCapsSensitive: false });

const CONTROL_KEYS: ReadonlyMap<string, readonly KeyStroke[]> = new Map([
  ["\n", [plainKey(USAGE.enter)]],
  ["\t", [plainKey(USAGE.tab)]],
  [" ", [plainKey(USAGE.space)]],
]);

/** The first `limit` characters (0 = all), composed, typographic marks replaced, carriage returns removed. */
export function preparedText(text: string, limit: number): readonly string[] {
  const all = Array.from(text);
  const cut = limit > 0 && all.length > limit ? all.slice(0, limit).join("") : text;
  const prepared: string[] = [];
  for (const char of cut.normalize("NFC")) {
    if (char === "\r") continue;
    const replacement = REPLACEMENTS.get(char);
    if (replacement === undefined) prepared.push(char);
    else prepared.push(...replacement);
  }
  return prepared;
}

/** The strokes of one character; undefined when the layout cannot type it. */
export function strokesOf(char: string, layout: Layout): readonly KeyStroke[] | undefined {
  return CONTROL_KEYS.get(char) ?? layout.get(char);
}

/** The modifiers of a stroke on a host whose Caps Lock may be on. */
export function modifiersOf(stroke: KeyStroke, isCapsLocked: boolean): number {
  return isCapsLocked && stroke.isCapsSensitive
    ? stroke.modifiers ^ MODIFIER.shiftLeft
    : stroke.modifiers;
}
