// Writes src/protocol/hid/layouts/*.ts from xkeyboard-config (through `xkbcli compile-keymap`) and libX11's Compose
// table. Needs the Debian packages libxkbcommon-tools, libxkbcommon-dev, xkb-data and libx11-data. Run it by hand when
// a layout is added; the result is committed:
//   npx esbuild scripts/layouts/generate.ts --bundle --platform=node --format=esm --outfile=dist/layouts.mjs
//   node dist/layouts.mjs
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMPOSE_FILE, KEYSYMS_FILE, readCompose, readKeysyms } from "./keysyms.ts";
import { renderCatalogue, renderLayout } from "./render.ts";
import type { Compose } from "./keysyms.ts";
import type { DeadRow, KeyRow } from "./render.ts";
import type { LayoutSource } from "./tables.ts";
import { DEAD_SPACING, KEY_USAGES, LAYOUTS } from "./tables.ts";

const target = "src/protocol/hid/layouts";

/** Types whose first four levels are: plain, Shift, AltGr, Shift + AltGr. */
const PLAIN_TYPE = /^(?:ONE_LEVEL|TWO_LEVEL|ALPHABETIC|FOUR_LEVEL.*|EIGHT_LEVEL.*)$/;

function compileSymbols({ xkb, variant }: LayoutSource): string {
  const options = ["compile-keymap", "--model", "pc105", "--layout", xkb];
  if (variant !== undefined) options.push("--variant", variant);
  const text = execFileSync("xkbcli", options, { encoding: "utf8", maxBuffer: 1 << 24 });
  return text.slice(text.indexOf("xkb_symbols"));
}

/** Key name -> keysym names by level. */
function readLevels(symbols: string, name: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const [, key = "", body = ""] of symbols.matchAll(/key <(\w+)>\s*\{([^}]*)\}/g)) {
    const type = /type(?:\[\w+\])?\s*=\s*"(\w+)"/.exec(body)?.[1];
    if (type !== undefined && !PLAIN_TYPE.test(type)) {
      if (KEY_USAGES.has(key)) console.warn(`${name}: <${key}> skipped, its type is ${type}`);
      continue;
    }
    const list = /(?:symbols\[\w+\]\s*=\s*)?\[([^\]]*)\]\s*(?:,[^[]*)?$/.exec(body.trim())?.[1];
    if (list !== undefined)
      keys.set(
        key,
        list
          .split(",")
          .map((item) => item.trim())
          .slice(0, 4),
      );
  }
  return keys;
}

interface Positions {
  readonly keys: readonly KeyRow[];
  readonly dead: ReadonlyMap<string, { readonly usage: number; readonly level: number }>;
  /** Characters that some key types by itself, and those of them that need no AltGr. */
  readonly direct: ReadonlySet<string>;
  readonly plain: ReadonlySet<string>;
}

/** What each key types, and where the dead keys are. */
function readPositions(
  levels: ReadonlyMap<string, readonly string[]>,
  charOf: (name: string) => string | undefined,
  omit: readonly string[] = [],
): Positions {
  const keys: KeyRow[] = [];
  const dead = new Map<string, { usage: number; level: number }>();
  const direct = new Set<string>();
  const plain = new Set<string>();
  for (const [key, usage] of KEY_USAGES) {
    const names = levels.get(key) ?? [];
    const chars = names.map((name, level) => {
      if (omit.includes(`${key}:${level}`)) return "";
      if (name.startsWith("dead_")) {
        const known = dead.get(name);
        if (known === undefined || level < known.level) dead.set(name, { usage, level });
        return "";
      }
      const char = charOf(name) ?? "";
      if (char !== "") direct.add(char);
      if (char !== "" && level < 2) plain.add(char);
      return char;
    });
    while (chars.at(-1) === "") chars.pop();
    if (chars.length > 0) keys.push({ usage, chars });
  }
  return { keys, dead, direct, plain };
}

/** Compositions of one dead key that give a character which no key types by itself and no earlier dead key gives. */
function composePairs(
  pairsOfDead: ReadonlyMap<string, string> | undefined,
  direct: ReadonlySet<string>,
  taken: Set<string>,
): string {
  const pairs: string[] = [];
  for (const [base, result] of pairsOfDead ?? []) {
    if (base === " " || !direct.has(base) || direct.has(result) || taken.has(result)) continue;
    if (!/^\p{L}$/u.test(result)) continue;
    taken.add(result);
    pairs.push(base + result);
  }
  return pairs.sort((a, b) => (a < b ? -1 : 1)).join("");
}

function readDead(
  { dead, direct, plain }: Positions,
  compose: Compose,
): { rows: readonly DeadRow[]; taken: ReadonlySet<string> } {
  const taken = new Set<string>();
  const rows: DeadRow[] = [];
  const ordered = [...dead].sort(([, a], [, b]) => a.level - b.level || a.usage - b.usage);
  for (const [name, { usage, level }] of ordered) {
    // The dead key and Space mean these three on every system, while AltGr positions differ between systems.
    const isTyped = (char: string): boolean =>
      (level < 2 && "^`~".includes(char) ? plain : direct).has(char);
    const afterSpace = compose.get(name)?.get(" ");
    const spacing = [DEAD_SPACING.get(name), afterSpace].filter(
      (char, index, all): char is string =>
        char !== undefined &&
        !/\p{M}/u.test(char) &&
        !isTyped(char) &&
        !taken.has(char) &&
        all.indexOf(char) === index,
    );
    for (const char of spacing) taken.add(char);
    const pairs = composePairs(compose.get(name), direct, taken);
    if (spacing.length + pairs.length > 0)
      rows.push({ usage, level, spacing: spacing.join(""), pairs });
  }
  return { rows, taken };
}

const ASCII = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

function generate() {
  const charOf = readKeysyms(readFileSync(KEYSYMS_FILE, "utf8"));
  const compose = readCompose(readFileSync(COMPOSE_FILE, "utf8"), charOf);
  const version = execFileSync("dpkg-query", ["-W", "-f=${Version}", "xkb-data"], {
    encoding: "utf8",
  }).replace(/-.*$/, "");
  for (const layout of LAYOUTS) {
    const levels = readLevels(compileSymbols(layout), layout.name);
    const positions = readPositions(levels, charOf, layout.omit);
    const { rows, taken } = readDead(positions, compose);
    const missing = ASCII.filter((char) => !positions.direct.has(char) && !taken.has(char));
    const isLatin = !missing.includes("a");
    if (isLatin && missing.length > 0)
      console.warn(`${layout.name}: no key for ${missing.join(" ")}`);
    const text = renderLayout({ layout, version, keys: positions.keys, dead: rows, isLatin });
    writeFileSync(join(target, `${layout.name}.ts`), text);
  }
  writeFileSync(join(target, "catalogue.ts"), renderCatalogue(LAYOUTS));
}

generate();
