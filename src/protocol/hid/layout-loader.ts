import { buildLayout } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { LAYOUT_ALIASES, LAYOUT_LOADERS } from "./layouts/catalogue.ts";

const LOADERS = new Map(Object.entries(LAYOUT_LOADERS));
const ALIASES = new Map(Object.entries(LAYOUT_ALIASES));

/** Names of the layouts, sorted; aliases are accepted but not listed. */
export const LAYOUT_NAMES: readonly string[] = [...LOADERS.keys()];

/** The catalogue's name for a name or alias; undefined when there is no such layout. */
export function layoutNameOf(name: string): string | undefined {
  const full = ALIASES.get(name) ?? name;
  return LOADERS.has(full) ? full : undefined;
}

/** Loads a layout by name or alias; undefined when there is none. The data is read on first use. */
export async function loadLayout(name: string): Promise<Layout | undefined> {
  const full = layoutNameOf(name);
  const load = full === undefined ? undefined : LOADERS.get(full);
  if (load === undefined) return undefined;
  const { layout: data } = await load();
  if (!data.fillFromUs) return buildLayout(data);
  return buildLayout(data, await loadLayout("en-us"));
}
