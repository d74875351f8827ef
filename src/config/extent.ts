/** What has to begin anew so that other settings count. The table is the only place that decides it. */
import { isEqual } from "../core/store.ts";
import { isTree } from "./json-schema.ts";
import type { Path } from "./json-schema.ts";
import type { Config } from "./schema.ts";

/** Parts of a device that can begin anew by themselves. */
export const DEVICE_PARTS = [
  "hid",
  "atx",
  "gpio",
  "msd",
  "streamer",
  "info",
  "switch",
  "terminal",
  "gadget",
] as const;
export type DevicePart = (typeof DEVICE_PARTS)[number];

/** What can begin anew while everything else goes on. */
export const RESTARTABLE = ["log", "agent", ...DEVICE_PARTS] as const;
export type Restartable = (typeof RESTARTABLE)[number];

/** Empty when nothing differs. */
export type Extent = "everything" | readonly Restartable[];

/** Input devices and the disk are functions of the one USB device: the computer sees all of them go and come. */
const USB = ["gadget", "hid", "msd"] as const;

/** By the beginning of a path, the longest that fits. A setting that no row covers begins everything anew. */
const TABLE: Readonly<Record<string, readonly Restartable[]>> = {
  "log.level": ["log"],
  agent: ["agent"],
  "device.hid": ["hid"],
  "device.hid.backend": USB,
  "device.atx": ["atx"],
  // Without the light the picture cannot tell a computer that is off from a cable that is out.
  "device.atx.powerLed": ["atx", "streamer"],
  "device.gpio": ["gpio"],
  "device.msd": ["msd"],
  "device.msd.enabled": USB,
  "device.msd.path": USB,
  "device.gadget": USB,
  "device.streamer": ["streamer"],
  "device.info": ["info"],
  "device.switch": ["switch"],
  "device.terminal": ["terminal"],
  // Clients are told of it as one of the extras.
  "device.terminal.enabled": ["terminal", "info"],
};

/** Undefined: everything. */
function partsFor(path: Path): readonly Restartable[] | undefined {
  if (path.length === 0) return undefined;
  const name = path.join(".");
  return Object.hasOwn(TABLE, name) ? TABLE[name] : partsFor(path.slice(0, -1));
}

function* changedPaths(before: unknown, after: unknown, path: Path = []): Generator<Path> {
  if (isTree(before) && isTree(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changedPaths(before[key], after[key], [...path, key]);
    }
  } else if (!isEqual(before, after)) yield path;
}

/** What begins anew when `after` takes the place of `before`; both with the board's values filled in. */
export function extentOf(before: Config, after: Config): Extent {
  const parts = new Set<Restartable>();
  for (const path of changedPaths(before, after)) {
    const concerned = partsFor(path);
    if (concerned === undefined) return "everything";
    for (const part of concerned) parts.add(part);
  }
  return RESTARTABLE.filter((part) => parts.has(part));
}
