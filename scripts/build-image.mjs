// Puts Farhand into a system image without starting it. Needs root. The last line is the path of the new image.
import "./node-version.mjs";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { runApart } from "./image/apart.mjs";
import { checkFile, loopDevicesOf } from "./image/base.mjs";
import { BOARDS } from "./image/boards.mjs";
import { checkPlace, checkSpace } from "./image/place.mjs";
import { readOptions, refuse } from "./options.mjs";
import { needPrograms } from "./packages/host-tools.mjs";
import { removeTree } from "./packages/prove/chroot.mjs";
import { ROOT } from "./root.mjs";

const PROGRAMS = {
  losetup: "mount",
  sfdisk: "fdisk",
  e2fsck: "e2fsprogs",
  resize2fs: "e2fsprogs",
  fallocate: "util-linux",
  mcopy: "mtools",
  "dpkg-deb": "dpkg",
  unshare: "util-linux",
  xz: "xz-utils",
  "qemu-aarch64-static": "qemu-user-static",
};

const USAGE = `Usage: node scripts/build-image.mjs --board ${BOARDS.join("|")} --base IMAGE[.xz]
         [--deb FILE ...]     ready-made packages; else those of this checkout
         [--out FILE]         the new image; else beside this project's other products
         [--no-recommended]   without ustreamer, which shows the picture
         [--read-only]        the root file system is only read; what changes is on a partition of its own
         [--url URL]          where the image will be published, for the list of Raspberry Pi Imager; else its place here`;

/** @typedef {Omit<import("./image/work.mjs").Wanted, "image"> & { out: string }} Wanted */

/** @returns {Wanted} */
function readArguments() {
  const { values } = readOptions(USAGE, {
    options: {
      board: { type: "string" },
      base: { type: "string" },
      deb: { type: "string", multiple: true, default: [] },
      out: { type: "string" },
      "no-recommended": { type: "boolean", default: false },
      "read-only": { type: "boolean", default: false },
      url: { type: "string" },
    },
  });
  const { board, base } = values;
  if (board === undefined || base === undefined || !BOARDS.includes(board)) refuse(USAGE);
  const name = basename(base).replace(/(\.img)?(\.xz)?$/, "");
  const out = values.out ?? join(ROOT, ".build", "image", `${name}-farhand.img`);
  return {
    board,
    base: resolve(base),
    debs: values.deb.map((deb) => resolve(deb)),
    out: resolve(out),
    withRecommended: !values["no-recommended"],
    isReadOnly: values["read-only"],
    url: values.url ?? pathToFileURL(resolve(out)).href,
  };
}

/** After an interruption. The kernel takes a moment to let go of what was mounted. @param {string} image */
async function release(image) {
  for (let tries = 0; tries < 100 && existsSync(image); tries += 1) {
    const devices = loopDevicesOf(image);
    if (devices.length === 0) return;
    for (const device of devices) spawnSync("losetup", ["--detach", device]);
    await sleep(100);
  }
}

/** Makes everything in a folder beside the new image, and gives it its names when it is whole. @param {Wanted} wanted */
async function build({ out, ...wanted }) {
  const work = mkdtempSync(`${out}.part-`);
  const image = join(work, basename(out));
  try {
    await runApart(join(ROOT, "scripts", "image", "work.mjs"), { ...wanted, image });
    for (const name of readdirSync(work).sort()) {
      renameSync(join(work, name), join(dirname(out), name));
    }
  } finally {
    await release(image);
    removeTree(work);
  }
}

async function main() {
  const wanted = readArguments();
  if (process.getuid?.() !== 0) throw new Error("Mounting an image needs root: use sudo");
  needPrograms(PROGRAMS);
  checkFile(wanted.base);
  const missing = wanted.debs.find((deb) => !existsSync(deb));
  if (missing !== undefined) throw new Error(`There is no package ${missing}`);
  mkdirSync(dirname(wanted.out), { recursive: true });
  checkPlace(wanted.out, wanted.base);
  checkSpace(wanted);
  await build(wanted);
  console.log(wanted.out);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
