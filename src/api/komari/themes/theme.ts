/** A theme's folder (Komari 6.4): what it says about itself, and the files that may be served from it. */
import { posix } from "node:path";
import type { FileStore } from "../../../platform/files/port.ts";
import type { Params } from "../calls/call.ts";
import { isTree, textOf, treesOf } from "../calls/params.ts";

/** Also of folder names. */
const SHORT = /^[A-Za-z0-9_-]{1,64}$/;
const MANIFEST = "komari-theme.json";
const MOST_FILES = 10_000;
/** The pages proper; a folder without it is a build as it comes. */
const DIST = "dist";

export interface Theme {
  /** Name of its folder. */
  readonly short: string;
  readonly folder: string;
  /** `dist/`, or nothing for a theme that is nothing but the pages. */
  readonly pages: string;
  /** What can be served, relative to the folder. Looked up letter by letter: nothing else is ever opened. */
  readonly files: ReadonlySet<string>;
  /** As it is, with the name of the folder as `short`. */
  readonly manifest: Params;
}

export function isThemeName(name: string): boolean {
  return SHORT.test(name);
}

function parseManifest(text: string | undefined): Params {
  try {
    const manifest: unknown = JSON.parse(text ?? "{}");
    return isTree(manifest) ? manifest : {};
  } catch {
    return {};
  }
}

/** Undefined when it holds no page. Rejects with `StorageError`, also for one with more files than a theme has. */
export async function openTheme(
  files: FileStore,
  path: string,
  short: string,
): Promise<Theme | undefined> {
  if (!isThemeName(short)) return undefined;
  const folder = posix.join(path, short);
  const names = new Set(await files.listTree(folder, MOST_FILES));
  const pages = [`${DIST}/`, ""].find((prefix) => names.has(`${prefix}index.html`));
  if (pages === undefined) return undefined;
  const text = names.has(MANIFEST) ? await files.read(posix.join(folder, MANIFEST)) : undefined;
  return {
    short,
    folder,
    pages,
    files: names,
    manifest: { name: short, ...parseManifest(text), short },
  };
}

/** All themes in the folder, by name. Rejects with `StorageError`. */
export async function openThemes(files: FileStore, path: string): Promise<readonly Theme[]> {
  const names = path === "" ? [] : await files.list(path);
  const themes: Theme[] = [];
  for (const name of names) {
    const theme = await openTheme(files, path, name);
    if (theme !== undefined) themes.push(theme);
  }
  return themes;
}

/** The settings that a theme declares, with their defaults. */
export function defaultSettings({ manifest }: Theme): Params {
  const { configuration } = manifest;
  const items = isTree(configuration) ? treesOf(configuration["data"]) : [];
  return Object.fromEntries(
    items.flatMap((item) => {
      const key = textOf(item, "key");
      return key === "" || item["default"] === undefined ? [] : [[key, item["default"]] as const];
    }),
  );
}
