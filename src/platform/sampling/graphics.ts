import { readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { FileTree } from "../host/tree.ts";

const DRM = "/sys/class/drm";
/** Adapters that only exist inside virtual machines, and plain frame buffers. */
const NO_DEVICE =
  /virtio|bochs|qxl|vmwgfx|vmware|cirrus|vboxvideo|hyper-?v|simpledrm|simplefb|simple-framebuffer|^1111\b/i;
const MAKERS = /nvidia|amd|radeon|intel|\barc\b|qualcomm|snapdragon/i;

/** Display adapters in the list that `lspci` prints; those of well-known makers hide the others (Komari 1.14). */
export function graphicsOfPci(list: string): readonly string[] {
  const lines = list.split("\n").filter((line) => /vga|3d|display/i.test(line));
  const nameOf = (line: string): string => {
    const name = line.slice(line.lastIndexOf(":") + 1).trim();
    return name.replace(/\s*\([^()]*\)$/, "");
  };
  const named = (candidates: readonly string[]): readonly string[] =>
    candidates.map(nameOf).filter((name) => name !== "" && !NO_DEVICE.test(name));
  const known = named(lines.filter((line) => MAKERS.test(line)));
  return known.length > 0 ? known : named(lines);
}

const RASPBERRY: readonly (readonly [RegExp, string])[] = [
  [/bcm2712/, "Broadcom VideoCore VII"],
  [/bcm2711/, "Broadcom VideoCore VI"],
  [/bcm283[5-7]/, "Broadcom VideoCore IV"],
];

/** The model that a device tree's `compatible` names. */
function modelOf(driver: string, compatible: string): string {
  const broadcom = RASPBERRY.find(([pattern]) => pattern.test(compatible));
  if (broadcom !== undefined) return broadcom[1];
  const mali = /mali[-_]([a-z]?\d+)/.exec(compatible)?.[1];
  if (mali !== undefined) return `ARM Mali-${mali.toUpperCase()}`;
  const adreno = /adreno[-_](\d+)/.exec(compatible)?.[1];
  if (adreno !== undefined) return `Qualcomm Adreno ${adreno}`;
  return `${driver} graphics`;
}

function driverOf(root: string, card: string): string {
  try {
    return basename(readlinkSync(join(root, DRM, card, "device/driver")));
  } catch {
    return "";
  }
}

/** Graphics devices that have a kernel driver, for boards without a PCI bus. */
export function graphicsOfDrm(tree: FileTree, root: string): readonly string[] {
  const board = tree.entries("/proc/device-tree/compatible").join(" ");
  const names = tree
    .list(DRM)
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((card) => {
      const driver = driverOf(root, card);
      if (driver === "" || NO_DEVICE.test(driver)) return [];
      const own = tree.entries(`${DRM}/${card}/device/of_node/compatible`).join(" ");
      return [modelOf(driver, `${own} ${board}`.toLowerCase())];
    });
  // Display and 3D engine of one chip are two cards.
  return [...new Set(names)];
}
