// Which system images can be customised, and what is wrong with the others.
import { openSync, readSync, closeSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "../packages/host-tools.mjs";

/**
 * @typedef {object} Partition
 * @property {number} number from 1
 * @property {number} offset in bytes
 * @property {number} size in bytes
 * @property {string} [type] in the words of the table
 */

/**
 * @typedef {object} Layout
 * @property {"dos" | "gpt"} label
 * @property {Partition | undefined} boot FAT, which every computer can read
 * @property {Partition} root ext4
 * @property {Partition | undefined} data of a system whose root is only read
 * @property {Partition} last on the disk
 */

const FAT_TYPES = new Set(["1", "4", "6", "b", "c", "e"]);
/** EFI system, and what Windows calls basic data. */
const FAT_IDS = new Set([
  "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
]);
/** Where a FAT says so, by its width. */
const FAT_NAMES = [54, 82];
const EXT_MAGIC = 0xef_53;
/** How files for Amlogic's burning tool begin, after a checksum and a version. */
const BURN = { offset: 8, magic: 0x27_b5_19_56 };
/** Where a file system describes itself, and there: its kind and its name. */
const SUPERBLOCK = { offset: 1024, bytes: 136, magic: 56, label: 120 };
/** Name of the file system with all that changes, where the root is only read. */
export const DATA_LABEL = "farhand-data";
/** No operating system fits into less. */
const LEAST_BYTES = 64 * 1024 * 1024;

/** @param {string} file */
export function checkFile(file) {
  if (!existsSync(file)) throw new Error(`There is no file ${file}`);
  const status = statSync(file);
  if (status.isBlockDevice()) {
    throw new Error(`${file} is a device in use, not an image file: nothing is changed on devices`);
  }
  if (!status.isFile()) throw new Error(`${file} is not a file`);
  if (file.endsWith(".xz")) return;
  if (status.size < LEAST_BYTES) {
    throw new Error(`${file} is too small for a system image (${status.size} bytes)`);
  }
  const devices = loopDevicesOf(file);
  if (devices.length > 0) {
    throw new Error(
      `${file} is in use as ${devices.join(", ")}: unmount it and detach it first (losetup -d)`,
    );
  }
}

/** Names of the devices that a file is in use as. @param {string} file */
export function loopDevicesOf(file) {
  const said = run("losetup", ["--associated", file, "--noheadings", "--output", "NAME"]).trim();
  return said === "" ? [] : said.split("\n");
}

/** With room that is really there, so that nothing written to it later is lost. @param {string} image @param {"dos" | "gpt"} label @param {number} bytes */
export function lengthen(image, label, bytes) {
  run("fallocate", ["--posix", "--length", String(statSync(image).size + bytes), image]);
  if (label === "gpt") run("sfdisk", ["-q", "--relocate", "gpt-bak-std", image]);
}

/** @param {string} image @param {number} offset @param {number} length */
function bytesAt(image, offset, length) {
  const file = openSync(image, "r");
  const bytes = Buffer.alloc(length);
  try {
    readSync(file, bytes, 0, length, offset);
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** Whatever the table says: Armbian's is called something else there. @param {string} image @param {number} offset */
function hasFat(image, offset) {
  const bytes = bytesAt(image, offset, 512);
  return FAT_NAMES.some((place) => bytes.toString("latin1", place, place + 3) === "FAT");
}

/** Name of the ext4 file system; undefined when there is none. @param {string} image @param {Partition} partition */
function extLabel(image, { offset }) {
  const bytes = bytesAt(image, offset + SUPERBLOCK.offset, SUPERBLOCK.bytes);
  if (bytes.readUInt16LE(SUPERBLOCK.magic) !== EXT_MAGIC) return undefined;
  return bytes.toString("latin1", SUPERBLOCK.label).split("\0", 1)[0] ?? "";
}

/** @typedef {{ node: string, start: number, size: number, type: string }} Row */

/** @typedef {{ label: string, partitions: readonly Row[], sectorsize?: number }} Table */

/** @param {string} image @param {string} name @returns {Table} */
function tableOf(image, name) {
  try {
    /** @type {{ partitiontable: Table }} */
    const { partitiontable } = JSON.parse(run("sfdisk", ["--json", image]));
    return partitiontable;
  } catch {
    const isBurn = bytesAt(image, BURN.offset, 4).readUInt32LE() === BURN.magic;
    throw new Error(
      isBurn
        ? `${name} is a package for Amlogic's burning tool: take the image of a whole card (without "burn" in its name)`
        : `${name} has no partition table: it is not an image of a whole card or disk`,
    );
  }
}

/** @param {string} suffix of a partition's name: digits, after a p where the disk's name ends in one */
const numberOf = (suffix) => Number(suffix.replace(/^p/, ""));

/** Throws when the file is shorter than what its table describes, or has no system. @param {string} image @param {string} [name] of it, for people @returns {Layout} */
export function readLayout(image, name = image) {
  const { label, partitions, sectorsize = 512 } = tableOf(image, name);
  // In the order of the disk, not of the table: Debian's first partition comes last.
  const all = partitions
    .toSorted((one, other) => one.start - other.start)
    .map(({ node, start, size, type }) => ({
      number: numberOf(node.slice(image.length)),
      offset: start * sectorsize,
      size: size * sectorsize,
      type,
      isFat: FAT_TYPES.has(type) || FAT_IDS.has(type) || hasFat(image, start * sectorsize),
    }));
  const end = Math.max(...all.map(({ offset, size }) => offset + size));
  const bytes = statSync(image).size;
  if (bytes < end) {
    throw new Error(
      `${name} is too small: its partitions need ${end} bytes and it has ${bytes}. It was not downloaded or unpacked to its end.`,
    );
  }
  const systems = all.filter((partition) => extLabel(image, partition) !== undefined);
  const isData = (/** @type {Partition} */ one) => extLabel(image, one) === DATA_LABEL;
  const data = systems.find(isData);
  const root = systems.findLast((one) => !isData(one));
  if (root === undefined) {
    throw new Error(`${name} has no ext4 partition: only systems on ext4 can be customised`);
  }
  if (label !== "dos" && label !== "gpt") throw new Error(`${name}: partition table ${label}`);
  const boot = all.find(({ isFat, offset }) => isFat && offset < root.offset);
  return { label, root, boot, data, last: all.at(-1) ?? root };
}

/** Gives the small partition the type of what it is, without which Windows shows no such drive. @param {string} image */
export function showBoot(image) {
  const { label, boot } = readLayout(image);
  if (label !== "dos" || boot === undefined || FAT_TYPES.has(boot.type ?? "")) return;
  run("sfdisk", ["-q", "--part-type", image, String(boot.number), "c"]);
}

/**
 * @typedef {object} Base
 * @property {"raspberry-pi-os" | "armbian" | "debian"} kind
 * @property {string} suite
 * @property {string} arch
 * @property {string} name for people
 */

/** @param {string} text os-release or the like @param {string} name */
export function fieldOf(text, name) {
  return new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
}

/** Which of them it is. @param {(path: string) => string} read text of a file in the image, empty when there is none */
function kindOf(read) {
  if (read("etc/rpi-issue") !== "") return "raspberry-pi-os";
  if (read("etc/armbian-release") !== "") return "armbian";
  return "debian";
}

/** @param {"raspberry-pi-os" | "armbian" | "debian"} kind @param {string} board @param {(path: string) => string} read */
function checkBoard(kind, board, read) {
  const armbian = fieldOf(read("etc/armbian-release"), "BOARD");
  if (board === "onecloud" && armbian !== "onecloud") {
    const found = armbian === "" ? `this is ${kind}` : `this is Armbian for ${armbian}`;
    throw new Error(`OneCloud needs an image of Armbian for it (BOARD=onecloud); ${found}`);
  }
  if (board === "rpi" && kind === "armbian") {
    throw new Error(`For a Raspberry Pi take Raspberry Pi OS Lite or Debian; this is Armbian`);
  }
}

/**
 * Throws for a system that is not known, in words.
 * @param {(path: string) => string} read text of a file in the image, empty when there is none
 * @param {string} board
 * @returns {Base}
 */
export function recognise(read, board) {
  const release = read("etc/os-release") || read("usr/lib/os-release");
  const id = fieldOf(release, "ID");
  const suite = fieldOf(release, "VERSION_CODENAME");
  const name = fieldOf(release, "PRETTY_NAME") || "a system that does not say its name";
  const known = `Known are Raspberry Pi OS Lite, Armbian and Debian, releases 12 (bookworm) and 13 (trixie)`;
  if (!["debian", "raspbian"].includes(id)) {
    throw new Error(`This base is not known: ${name}. ${known}.`);
  }
  if (!["bookworm", "trixie"].includes(suite)) {
    throw new Error(`This release is not known: ${name}. ${known}.`);
  }
  if (id === "raspbian") {
    throw new Error(
      `${name} is made for the processors of the first Raspberry Pi. Take the 64-bit one.`,
    );
  }
  const kind = kindOf(read);
  checkBoard(kind, board, read);
  return { kind, suite, arch: archOf(read("var/lib/dpkg/status")), name };
}

/** Of dpkg itself, which is never foreign. @param {string} status */
export function archOf(status) {
  const entry = status.split("\n\n").find((text) => text.startsWith("Package: dpkg\n")) ?? "";
  return /^Architecture: (\S+)$/m.exec(entry)?.[1] ?? "";
}

/** Reads below a mounted root; links that lead out of it are not followed. @param {string} root */
export function readerOf(root) {
  return (/** @type {string} */ path) => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      return "";
    }
  };
}
