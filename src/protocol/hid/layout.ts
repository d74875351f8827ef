import { MODIFIER, USAGE } from "./usages.ts";

/** A layout as generated: what stands on each key, and what its dead keys compose. */
export interface LayoutData {
  /** A script without Latin letters: missing ASCII characters are typed at their US positions. */
  readonly fillFromUs: boolean;
  /** Usage of page 07, then the characters of the levels plain, Shift, AltGr, Shift + AltGr; "" = none. */
  readonly keys: readonly (readonly [usage: number, ...chars: string[]])[];
  readonly dead: readonly DeadKey[];
}

export interface DeadKey {
  readonly usage: number;
  /** Level 0..3 as above. */
  readonly level: number;
  /** Characters that the dead key and Space type. */
  readonly spacing: string;
  /** Base character and result, in turn. */
  readonly pairs: string;
}

/** One key press while certain modifiers are held. */
export interface KeyStroke {
  readonly usage: number;
  /** Boot report bits; only Shift and AltGr occur. */
  readonly modifiers: number;
  /** Caps Lock swaps this stroke with the one that has the other Shift state. */
  readonly isCapsSensitive: boolean;
}

/** How to type each character: one stroke, or dead key and base. */
export type Layout = ReadonlyMap<string, readonly KeyStroke[]>;

const LEVEL_MODIFIERS = [
  0,
  MODIFIER.shiftLeft,
  MODIFIER.altRight,
  MODIFIER.shiftLeft | MODIFIER.altRight,
] as const;

const PLAIN_LEVELS = [0, 1] as const;
const ALTGR_LEVELS = [2, 3] as const;

/** Keys that are missing on some keyboards, so that another key for the same character is better. */
const OPTIONAL_USAGES: ReadonlySet<number> = new Set([0x64, 0x87, 0x89]);

/** Turkish pairs i with İ and ı with I; everywhere else the default rule fits. */
function isCasePair(a: string, b: string): boolean {
  if (a === b || a === "" || b === "") return false;
  return (
    a.toLowerCase() === b.toLowerCase() || a.toLocaleLowerCase("tr") === b.toLocaleLowerCase("tr")
  );
}

function strokeOf(usage: number, level: number, isCapsSensitive: boolean): KeyStroke {
  return { usage, modifiers: LEVEL_MODIFIERS[level] ?? 0, isCapsSensitive };
}

/** Takes over the characters of some levels that the layout does not have yet. */
function addLevels(
  layout: Map<string, readonly KeyStroke[]>,
  keys: LayoutData["keys"],
  levels: readonly number[],
): void {
  for (const level of levels) {
    for (const [usage, ...chars] of keys) {
      const char = chars[level] ?? "";
      if (char === "" || layout.has(char)) continue;
      const isCapsSensitive = isCasePair(char, chars[level ^ 1] ?? "");
      layout.set(char, [strokeOf(usage, level, isCapsSensitive)]);
    }
  }
}

function addLevelsEverywhere(
  layout: Map<string, readonly KeyStroke[]>,
  keys: LayoutData["keys"],
  levels: readonly number[],
): void {
  const usual = keys.filter(([usage]) => !OPTIONAL_USAGES.has(usage));
  const optional = keys.filter(([usage]) => OPTIONAL_USAGES.has(usage));
  addLevels(layout, usual, levels);
  addLevels(layout, optional, levels);
}

function addSpacing(layout: Map<string, readonly KeyStroke[]>, dead: DeadKey): void {
  const strokes = [strokeOf(dead.usage, dead.level, false), strokeOf(USAGE.space, 0, false)];
  for (const char of dead.spacing) {
    if (!layout.has(char)) layout.set(char, strokes);
  }
}

function addPairs(layout: Map<string, readonly KeyStroke[]>, dead: DeadKey): void {
  const first = strokeOf(dead.usage, dead.level, false);
  const pairs = Array.from(dead.pairs);
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const [base, result] = [pairs[index] ?? "", pairs[index + 1] ?? ""];
    const [stroke, ...rest] = layout.get(base) ?? [];
    const isTypable = stroke !== undefined && rest.length === 0;
    if (isTypable && !layout.has(result)) layout.set(result, [first, stroke]);
  }
}

/**
 * Builds the lookup table of a layout; `us` fills in for scripts without Latin letters. The plainest way to type a
 * character wins: without AltGr, on a key that every keyboard has, as a single stroke.
 */
export function buildLayout(data: LayoutData, us?: Layout): Layout {
  const layout = new Map<string, readonly KeyStroke[]>();
  const plainDead = data.dead.filter(({ level }) => level < ALTGR_LEVELS[0]);
  addLevelsEverywhere(layout, data.keys, PLAIN_LEVELS);
  for (const dead of plainDead) addSpacing(layout, dead);
  addLevelsEverywhere(layout, data.keys, ALTGR_LEVELS);
  for (const dead of data.dead) addSpacing(layout, dead);
  for (const dead of data.dead) addPairs(layout, dead);
  if (data.fillFromUs && us !== undefined) {
    for (const [char, strokes] of us) {
      if (!layout.has(char)) layout.set(char, strokes);
    }
  }
  return layout;
}
