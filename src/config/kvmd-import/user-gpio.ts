/** Channels, drivers and the menu of user GPIO: the same structure in both, as far as the driver is known here. */
import type { Conversion, ImportedSetting, KeyLeft } from "./conversion.ts";
import { isKvmdTree, kvmdValue } from "./tree.ts";
import type { KvmdFiles, KvmdTree } from "./tree.ts";

const GPIO = "kvmd/gpio";
const KNOWN_TYPES: ReadonlySet<string> = new Set([
  "gpio",
  "wol",
  "cmd",
  "cmdret",
  "locator",
  "noop",
]);
const RUNS_PROGRAMS: ReadonlySet<string> = new Set(["cmd", "cmdret"]);
const BUILT_IN = "__gpio__";
const WOL = "__wol__";

type Trees = readonly (readonly [name: string, tree: KvmdTree])[];

function treesAt({ tree }: KvmdFiles, path: string): Trees {
  const found = kvmdValue(tree, path);
  if (!isKvmdTree(found)) return [];
  return Object.entries(found).filter((entry): entry is [string, KvmdTree] => isKvmdTree(entry[1]));
}

function sourceOf({ leaves }: KvmdFiles, path: string, main: string): string | undefined {
  const sources = leaves
    .filter((leaf) => leaf.path === path || leaf.path.startsWith(`${path}/`))
    .map(({ source }) => source);
  return sources.find((source) => source !== main);
}

const typeOf = ({ type = "gpio" }: KvmdTree): string => String(type);

/** The Wake-on-LAN block of old configurations. */
function legacyWol({ tree }: KvmdFiles): { drivers: Trees; scheme: Trees } {
  const wol = kvmdValue(tree, "kvmd/wol");
  const mac = isKvmdTree(wol) ? wol["mac"] : undefined;
  if (!isKvmdTree(wol) || typeof mac !== "string" || mac === "") return { drivers: [], scheme: [] };
  const options = Object.entries(wol).filter(([key]) => ["ip", "port", "mac"].includes(key));
  return {
    drivers: [[WOL, { type: "wol", ...Object.fromEntries(options) }]],
    scheme: [[WOL, { driver: WOL, pin: 0, mode: "output", switch: false }]],
  };
}

/** What `main`, the platform's own file, has is the board's business. */
export function userGpio(files: KvmdFiles, main: string): Conversion {
  const settings: ImportedSetting[] = [];
  const left: KeyLeft[] = [];
  const legacy = legacyWol(files);
  const known = new Set([BUILT_IN]);

  const take = (section: "drivers" | "scheme", name: string, value: KvmdTree): void => {
    const from = name === WOL ? "kvmd/wol" : `${GPIO}/${section}/${name}`;
    const source = sourceOf(files, from, main);
    if (source === undefined) return;
    settings.push({
      path: `device.gpio.${section}.${name}`,
      value,
      origin: `${from}, ${source}`,
    });
  };
  const leave = (path: string, reason: string): void => {
    const source = sourceOf(files, path, main);
    if (source !== undefined) left.push({ path, source, reason });
  };

  for (const [name, driver] of [...treesAt(files, `${GPIO}/drivers`), ...legacy.drivers]) {
    const type = typeOf(driver);
    if (KNOWN_TYPES.has(type)) {
      known.add(name);
      take("drivers", name, { type, ...driver });
    } else {
      leave(`${GPIO}/drivers/${name}`, `there is no GPIO driver '${type}' here`);
    }
  }
  for (const [name, channel] of [...treesAt(files, `${GPIO}/scheme`), ...legacy.scheme]) {
    const { driver = BUILT_IN } = channel;
    if (known.has(String(driver))) take("scheme", name, channel);
    else leave(`${GPIO}/scheme/${name}`, `its driver '${String(driver)}' is not carried over`);
  }
  settings.push(...viewOf(files, main), ...commandsOf(settings));
  return { settings, left };
}

function viewOf(files: KvmdFiles, main: string): ImportedSetting[] {
  return (["header", "table"] as const).flatMap((part) => {
    const from = `${GPIO}/view/${part}`;
    const value = kvmdValue(files.tree, from);
    const source = sourceOf(files, from, main);
    if (value === undefined || value === null || source === undefined) return [];
    const cells = part === "table" ? rowsOf(value) : value;
    return [{ path: `device.gpio.view.${part}`, value: cells, origin: `${from}, ${source}` }];
  });
}

/** A row may be a single cell, and cells may be numbers. */
function rowsOf(value: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(value)) return [];
  return value.map((row: unknown) => (Array.isArray(row) ? row.map(String) : [String(row)]));
}

/** Drivers that run programs need a word of permission here. */
function commandsOf(settings: readonly ImportedSetting[]): ImportedSetting[] {
  const driver = settings.find(
    ({ path, value }) =>
      path.startsWith("device.gpio.drivers.") &&
      isKvmdTree(value) &&
      RUNS_PROGRAMS.has(typeOf(value)),
  );
  if (driver === undefined) return [];
  return [{ path: "device.gpio.allowCommands", value: true, origin: `for ${driver.origin}` }];
}
