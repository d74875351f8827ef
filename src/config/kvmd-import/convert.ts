/** Which of our settings a key of PiKVM's configuration becomes (PiKVM API 8.2). */
import { REASONS, RULES } from "./rules.ts";
import { atxPins } from "./atx-pins.ts";
import { userGpio } from "./user-gpio.ts";
import type { Conversion } from "./conversion.ts";
import type { KvmdFiles, KvmdLeaf } from "./tree.ts";
import { NotCarried } from "./values.ts";

/** Of the platform's own file only what says how the board is wired is of interest. */
const WIRING = /^kvmd\/(?:hid\/(?:type|device|speed)|(?:atx|msd)\/type)$/;
const BY_GROUP =
  /^kvmd\/(?:gpio\/(?:drivers|scheme|view)|wol|atx\/(?:device$|.*_(?:pin|inverted)$))/;

function reasonFor(path: string): string {
  const known = REASONS.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return known?.[1] ?? "not a key that has a counterpart here";
}

function convertLeaf(leaf: KvmdLeaf, files: KvmdFiles): Conversion {
  const { path, source, value } = leaf;
  const rule = RULES.get(path);
  if (rule === undefined) {
    return { settings: [], left: [{ path, source, reason: reasonFor(path) }] };
  }
  try {
    const origin = `${path}, ${source}`;
    const settings = rule(value, files.tree).map(([target, converted]) => ({
      path: target,
      value: converted,
      origin,
    }));
    return { settings, left: [] };
  } catch (error) {
    if (!(error instanceof NotCarried)) throw error;
    return { settings: [], left: [{ path, source, reason: error.message }] };
  }
}

/** `main` is the name of the platform's own file: what is only there is the package's business. */
export function convertKvmd(files: KvmdFiles, main: string): Conversion {
  const results: Conversion[] = files.leaves
    .filter(({ path }) => !BY_GROUP.test(path))
    .filter(({ path, source }) => source !== main || WIRING.test(path))
    .map((leaf) => convertLeaf(leaf, files));
  results.push(atxPins(files), userGpio(files, main));
  return {
    settings: results.flatMap(({ settings }) => settings),
    left: results.flatMap(({ left }) => left),
  };
}
