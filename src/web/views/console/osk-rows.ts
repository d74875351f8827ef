import { LAYOUT_LOADERS } from "../../../protocol/hid/layouts/catalogue.ts";
import { layoutNameOf } from "../../../protocol/hid/layout-loader.ts";
import { webKeyByName } from "../../../protocol/hid/web-keys.ts";

/** One key: its name, and its width in quarters of a letter key. */
export type OskKey = readonly [code: string, width?: number];

const letters = (text: string): readonly OskKey[] =>
  Array.from(text, (char): OskKey => [`Key${char}`]);
const digits = Array.from("1234567890", (char): OskKey => [`Digit${char}`]);
const functions = Array.from({ length: 12 }, (_item, index): OskKey => [`F${index + 1}`]);

/** The main part of a keyboard of the ISO form: every layout has its characters there. */
export const OSK_ROWS: readonly (readonly OskKey[])[] = [
  [["Escape", 6], ...functions, ["Delete", 6]],
  [["Backquote"], ...digits, ["Minus"], ["Equal"], ["Backspace", 8]],
  [["Tab", 6], ...letters("QWERTYUIOP"), ["BracketLeft"], ["BracketRight"], ["Backslash", 6]],
  [["CapsLock", 7], ...letters("ASDFGHJKL"), ["Semicolon"], ["Quote"], ["Enter", 9]],
  [
    ["ShiftLeft", 5],
    ["IntlBackslash"],
    ...letters("ZXCVBNM"),
    ["Comma"],
    ["Period"],
    ["Slash"],
    ["ArrowUp"],
    ["ShiftRight", 7],
  ],
  [
    ["ControlLeft", 5],
    ["MetaLeft", 5],
    ["AltLeft", 5],
    ["Space", 21],
    ["AltRight", 5],
    ["ContextMenu"],
    ["ControlRight", 5],
    ["ArrowLeft"],
    ["ArrowDown"],
    ["ArrowRight"],
  ],
];

/** What else a computer's keyboard has. */
export const OSK_MORE: readonly OskKey[] = [
  ["Insert", 6],
  ["Home", 6],
  ["End", 6],
  ["PageUp", 6],
  ["PageDown", 6],
  ["PrintScreen", 6],
  ["ScrollLock", 6],
  ["Pause", 6],
];

/** Characters of each key: plain, with Shift, with AltGr, with both. */
export type OskChars = ReadonlyMap<string, readonly string[]>;

/** What stands on the keys in a layout, by the name of the key. */
export async function charsOfLayout(layout: string): Promise<OskChars> {
  const load = LAYOUT_LOADERS[layoutNameOf(layout) ?? "en-us"];
  const data = (await load?.())?.layout;
  const byUsage = new Map(data?.keys.map(([usage, ...chars]) => [usage, chars] as const));
  const codes = OSK_ROWS.flat().map(([code]) => code);
  return new Map(
    codes.flatMap((code) => {
      const chars = byUsage.get(webKeyByName(code)?.usage ?? 0);
      return chars === undefined ? [] : [[code, chars] as const];
    }),
  );
}

/** Whether Caps Lock changes the key. */
function isLetter([plain = "", shifted = ""]: readonly string[]): boolean {
  return plain !== shifted && plain.toLocaleUpperCase() === shifted;
}

/** What a key shows while certain modifiers are down; undefined: its name. */
export function charOn(
  chars: OskChars,
  code: string,
  {
    shift,
    altGr,
    caps,
  }: { readonly shift: boolean; readonly altGr: boolean; readonly caps: boolean },
): string | undefined {
  const levels = chars.get(code) ?? [];
  const isUpper = shift !== (caps && !altGr && isLetter(levels));
  const char = levels[(altGr ? 2 : 0) + (isUpper ? 1 : 0)];
  // The space bar is better named than shown.
  return char?.trim() === "" ? undefined : char;
}
