// A system whose root file system is only read: what changes is on a partition of its own, behind it.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../packages/host-tools.mjs";
import { ROOT } from "../root.mjs";
import { DATA_LABEL, lengthen, readLayout } from "./base.mjs";

/** @typedef {import("./mounted.mjs").MountedRoot} MountedRoot */

const OWN = join(ROOT, "scripts", "image", "read-only");
/** Of the image; the first start makes it as large as the card allows. */
export const DATA_BYTES = 128 * 1024 * 1024;
const MIB = 1024 * 1024;
/** Would grow the root partition, swap on it, or install by themselves. */
const MASKED = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "armbian-resize-filesystem.service",
  "dphys-swapfile.service",
  "rpi-resize.service",
  "rpi-resize-swap-file.service",
];

/** Adds the data partition at the end. @param {string} image */
export function addDataPartition(image) {
  const { label, data, last } = readLayout(image);
  if (data !== undefined) {
    throw new Error(`${image} has Farhand's data partition already: take the distribution's image`);
  }
  const start = Math.ceil((last.offset + last.size) / MIB);
  lengthen(image, label, DATA_BYTES);
  // Not into a gap before the others.
  run("sfdisk", ["-q", "--append", image], { input: `start=${start}MiB, type=L\n` });
  const { last: added } = readLayout(image);
  const place = ["-E", `offset=${added.offset},lazy_itable_init=1`];
  const size = `${Math.floor(added.size / 1024)}k`;
  run("mkfs.ext4", ["-q", "-F", "-L", DATA_LABEL, ...place, image, size]);
}

/** Options of the root file system when it is only read. @param {string} options */
function readOnlyOptions(options) {
  const kept = options
    .split(",")
    .filter((word) => !["rw", "ro", "defaults", "x-systemd.growfs"].includes(word));
  return ["ro", ...kept].join(",");
}

/** fstab with a root that is only read, which our own first program checks, and without swap. @param {string} text */
export function readOnlyFstab(text) {
  return text
    .split("\n")
    .map((line) => {
      const [device = "", folder = "", type = "", options = ""] = line.trim().split(/\s+/);
      if (device.startsWith("#")) return line;
      if (type === "swap") return `#${line}`;
      return folder === "/" ? `${device} / ${type} ${readOnlyOptions(options)} 0 0` : line;
    })
    .join("\n");
}

/** @param {MountedRoot} system */
export function makeReadOnly(system) {
  const inside = (/** @type {string} */ path) => join(system.folder, path);
  mkdirSync(inside("data"), { recursive: true });
  cpSync(join(OWN, "farhand-rw"), inside("usr/sbin/farhand-rw"));
  // Ours comes before systemd, also after it was upgraded.
  system.run(
    "init=$(dpkg-query -L systemd-sysv | grep -xE '(/usr)?/sbin/init') && " +
      'dpkg-divert --quiet --local --rename --divert "$init.systemd" --add "$init"',
  );
  cpSync(join(OWN, "init"), inside("usr/sbin/init"));
  writeFileSync(inside("etc/fstab"), readOnlyFstab(readFileSync(inside("etc/fstab"), "utf8")));
  const units = inside("etc/systemd/system");
  for (const unit of MASKED) {
    rmSync(join(units, unit), { force: true });
    symlinkSync("/dev/null", join(units, unit));
  }
}
