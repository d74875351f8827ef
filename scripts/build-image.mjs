// node scripts/build-image.mjs --board rpi|onecloud|generic --base IMAGE[.xz] [--deb FILE ...] [--out FILE]
// Puts Farhand into a system image without starting it. Needs root. The last line is the path of the new image.
import "./node-version.mjs";
import {
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkFile, readerOf, readLayout, recognise } from "./image/base.mjs";
import { BOARDS, ONECLOUD_RULE, rpiCommandLine, rpiConfig } from "./image/boards.mjs";
import { forgetIdentity, installFirstStart, installPackages } from "./image/customise.mjs";
import { imagerList, partsList, sha256Of } from "./image/documents.mjs";
import { FatFiles } from "./image/fat.mjs";
import { MountedRoot } from "./image/mounted.mjs";
import { packagesFor } from "./image/packages.mjs";
import { addDataPartition, makeReadOnly } from "./image/read-only.mjs";
import { needPrograms, run } from "./packages/host-tools.mjs";
import { registerInterpreter } from "./packages/prove/chroot.mjs";
import { targetOf } from "./packages/targets.mjs";
import { ROOT } from "./root.mjs";

/** Free space that packages are installed into. */
const ROOM = 512 * 1024 * 1024;
const PROGRAMS = {
  losetup: "mount",
  sfdisk: "fdisk",
  e2fsck: "e2fsprogs",
  resize2fs: "e2fsprogs",
  mcopy: "mtools",
  unshare: "util-linux",
  xz: "xz-utils",
  "qemu-aarch64-static": "qemu-user-static",
};

const USAGE = `Usage: node scripts/build-image.mjs --board ${BOARDS.join("|")} --base IMAGE[.xz]
         [--deb FILE ...]     ready-made packages; else those of this checkout
         [--out FILE]         the new image; else beside this project's other products
         [--no-recommended]   without ustreamer, which shows the picture
         [--read-only]        the root file system is only read; what changes is on a partition of its own
         [--url URL]          where the image will be published, for the list of Raspberry Pi Imager`;

/** @param {string} base @param {string} copy */
function unpack(base, copy) {
  if (!base.endsWith(".xz")) {
    readLayout(base);
    cpSync(base, copy);
    return;
  }
  run("sh", ["-c", 'xz --decompress --stdout --threads=0 "$1" > "$2"', "sh", base, copy]);
  checkFile(copy);
  readLayout(copy, base);
}

/** Adds room at the end of the root partition. @param {string} image */
function enlarge(image) {
  const { root, label, last } = readLayout(image);
  if (last.number !== root.number) {
    throw new Error(
      `Partition ${last.number} comes after the system: there is no room to enlarge it`,
    );
  }
  truncateSync(image, statSync(image).size + ROOM);
  if (label === "gpt") run("sfdisk", ["-q", "--relocate", "gpt-bak-std", image]);
  run("sfdisk", ["-q", "-N", String(root.number), image], { input: ", +\n" });
}

/** @param {string} image @param {Wanted} wanted @param {import("./image/base.mjs").Layout} layout */
function setUpBoard(image, { board, isReadOnly }, { boot }) {
  if (boot === undefined) return;
  const files = new FatFiles(image, boot);
  files.write("farhand.txt.example", exampleText());
  if (board !== "rpi") return;
  files.write("config.txt", rpiConfig(files.read("config.txt")));
  const words = files.read("cmdline.txt");
  if (words !== "") files.write("cmdline.txt", rpiCommandLine(words, isReadOnly));
}

const exampleText = () => readerOf(ROOT)("scripts/image/board/farhand.txt.example");

/** @typedef {{ board: string, base: string, debs: readonly string[], out: string | undefined, withRecommended: boolean, isReadOnly: boolean, url: string | undefined }} Wanted */

/** @returns {Wanted} */
function readArguments() {
  const { values } = parseArgs({
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
  if (board === undefined || base === undefined || !BOARDS.includes(board)) throw new Error(USAGE);
  const out = values.out === undefined ? undefined : resolve(values.out);
  return {
    board,
    base: resolve(base),
    debs: values.deb,
    out,
    withRecommended: !values["no-recommended"],
    isReadOnly: values["read-only"],
    url: values.url,
  };
}

/** @param {string} image @param {Wanted} wanted */
async function customise(image, wanted) {
  const { board, debs, withRecommended, isReadOnly } = wanted;
  enlarge(image);
  if (isReadOnly) addDataPartition(image);
  const layout = readLayout(image);
  const system = new MountedRoot(image, layout.root);
  try {
    const read = readerOf(system.folder);
    const base = recognise(read, board);
    registerInterpreter(targetOf(base.arch));
    console.log(`${base.name}, ${base.arch}: installing ...`);
    installPackages(system, await packagesFor(debs, base), withRecommended);
    installFirstStart(system.folder);
    forgetIdentity(system.folder);
    if (board === "onecloud") {
      writeFileSync(
        join(system.folder, "etc/udev/rules.d/70-farhand-onecloud.rules"),
        ONECLOUD_RULE,
      );
    }
    if (isReadOnly) makeReadOnly(system);
    setUpBoard(image, wanted, layout);
    return { base, status: read("var/lib/dpkg/status") };
  } finally {
    system.close();
  }
}

/** @param {string} image @param {Wanted} wanted @param {Awaited<ReturnType<typeof customise>>} made */
async function describe(image, { board, url }, { base, status }) {
  const sha256 = await sha256Of(image);
  const file = basename(image);
  const parts = partsList({
    name: file,
    version: new Date().toISOString(),
    status,
    suite: base.suite,
  });
  const list = imagerList({
    name: "Farhand",
    description: `KVM over IP with the PiKVM API, on ${base.name}`,
    url: url ?? `https://example.com/${file}`,
    arch: base.arch,
    size: statSync(image).size,
    sha256,
    date: new Date().toISOString().slice(0, 10),
  });
  writeFileSync(`${image}.sha256`, `${sha256}  ${file}\n`);
  writeFileSync(`${image}.cdx.json`, `${JSON.stringify(parts, undefined, 2)}\n`);
  if (board === "rpi")
    writeFileSync(`${image}.os_list.json`, `${JSON.stringify(list, undefined, 2)}\n`);
}

async function main() {
  const wanted = readArguments();
  if (process.getuid?.() !== 0) throw new Error("Mounting an image needs root: use sudo");
  needPrograms(PROGRAMS);
  checkFile(wanted.base);
  const name = basename(wanted.base).replace(/(\.img)?(\.xz)?$/, "");
  const out = wanted.out ?? join(ROOT, ".build", "image", `${name}-farhand.img`);
  mkdirSync(dirname(out), { recursive: true });
  const part = `${out}.part`;
  try {
    unpack(wanted.base, part);
    const made = await customise(part, wanted);
    renameSync(part, out);
    await describe(out, wanted, made);
    console.log(out);
  } finally {
    rmSync(part, { force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
