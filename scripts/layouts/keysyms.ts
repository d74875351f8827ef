export const KEYSYMS_FILE = "/usr/include/xkbcommon/xkbcommon-keysyms.h";
export const COMPOSE_FILE = "/usr/share/X11/locale/en_US.UTF-8/Compose";

/** Reads the keysym header into a function from keysym name to character (undefined: types nothing). */
export function readKeysyms(header: string): (name: string) => string | undefined {
  const table = new Map<string, string>();
  const line = /^#define XKB_KEY_(\w+)\s+0x([0-9a-f]+)\s*(?:\/\*[ (]*U\+([0-9A-F]{4,6}))?/gm;
  for (const [, name = "", value = "", code] of header.matchAll(line)) {
    const keysym = Number.parseInt(value, 16);
    const isLatin1 = (keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff);
    if (code !== undefined) table.set(name, String.fromCodePoint(Number.parseInt(code, 16)));
    else if (isLatin1) table.set(name, String.fromCharCode(keysym));
    else if (keysym >= 0x1000100 && keysym <= 0x110ffff)
      table.set(name, String.fromCodePoint(keysym - 0x1000000));
  }
  return (name) => {
    const unicode = /^U([0-9A-F]{4,6})$/i.exec(name)?.[1];
    if (unicode !== undefined) return String.fromCodePoint(Number.parseInt(unicode, 16));
    return table.get(name);
  };
}

/** Dead key -> base character -> result. */
export type Compose = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Two-key sequences of the Compose table. */
export function readCompose(text: string, charOf: (name: string) => string | undefined): Compose {
  const compose = new Map<string, Map<string, string>>();
  for (const [, dead = "", base = "", quoted = ""] of text.matchAll(
    /^<(dead_\w+)>\s+<(\w+)>\s*:\s*"((?:[^"\\]|\\.)+)"/gm,
  )) {
    const char = base === "space" ? " " : charOf(base);
    const result = quoted.replaceAll(/\\(.)/g, "$1");
    if (char === undefined || Array.from(result).length !== 1) continue;
    const known = compose.get(dead) ?? new Map<string, string>();
    if (!known.has(char)) known.set(char, result);
    compose.set(dead, known);
  }
  return compose;
}
