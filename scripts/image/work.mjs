// Makes an image and what comes with it; build-image.mjs runs it with processes and mounts of its own.
import { cpSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { basename, join } from "node:path";
import { checkFile, lengthen, readerOf, readLayout, recognise, showBoot } from "./base.mjs";
import { ONECLOUD_RULE, rpiCommandLine, rpiConfig } from "./boards.mjs";
import { forgetIdentity, installFirstStart, installPackages, ROOM } from "./customise.mjs";
import { imagerList, partsList, sha256Of } from "./documents.mjs";
import { FatFiles } from "./fat.mjs";
import { MountedRoot } from "./mounted.mjs";
import { packagesFor } from "./packages.mjs";
import { addDataPartition, makeReadOnly } from "./read-only.mjs";
import { run } from "../packages/host-tools.mjs";
import { registerInterpreter } from "../packages/prove/chroot.mjs";
import { targetOf } from "../packages/targets.mjs";
import { ROOT } from "../root.mjs";

/**
 * @typedef {object} Wanted
 * @property {string} board
 * @property {string} base
 * @property {readonly string[]} debs
 * @property {string} image in a folder of its own, which takes what comes with it as well
 * @property {boolean} withRecommended
 * @property {boolean} isReadOnly
 * @property {string} url where Raspberry Pi Imager finds the image
 */

/** @param {string} base @param {string} copy */
function unpack(base, copy) {
  if (!base.endsWith(".xz")) {
    readLayout(base);
    cpSync(base, copy);
    return;
  }
  const script = 'exec xz --decompress --stdout --threads=0 "$1" > "$2"';
  const { status, stderr } = spawnSync("sh", ["-c", script, "sh", base, copy], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${base} cannot be unpacked: ${stderr.trim()}`);
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
  lengthen(image, label, ROOM);
  run("sfdisk", ["-q", "-N", String(root.number), image], { input: ", +\n" });
}

/** @param {Wanted} wanted @param {import("./base.mjs").Layout} layout */
function setUpBoard({ image, board, isReadOnly }, { boot }) {
  if (boot === undefined) return;
  const files = new FatFiles(image, boot);
  files.write("farhand.txt.example", exampleText());
  if (board !== "rpi") return;
  files.write("config.txt", rpiConfig(files.read("config.txt")));
  const words = files.read("cmdline.txt");
  if (words !== "") files.write("cmdline.txt", rpiCommandLine(words, isReadOnly));
}

const exampleText = () => readerOf(ROOT)("scripts/image/board/farhand.txt.example");

/** Of what our program is made of; systems may leave out documents. @param {readonly string[]} packages */
function licensesIn(packages) {
  const own = packages.find((deb) => run("dpkg-deb", ["-f", deb, "Package"]).trim() === "farhand");
  if (own === undefined) return "";
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2" | gzip -dc';
  const file = "./usr/share/doc/farhand/third-party-licenses.txt.gz";
  return run("sh", ["-c", script, "sh", own, file]);
}

/** @param {Wanted} wanted */
async function customise(wanted) {
  const { image, board, debs, withRecommended, isReadOnly } = wanted;
  enlarge(image);
  showBoot(image);
  if (isReadOnly) addDataPartition(image);
  const layout = readLayout(image);
  const system = new MountedRoot(image, layout.root);
  try {
    const read = readerOf(system.folder);
    const base = recognise(read, board);
    registerInterpreter(targetOf(base.arch));
    console.log(`${base.name}, ${base.arch}: installing ...`);
    const packages = await packagesFor(debs, base);
    installPackages(system, packages, withRecommended);
    installFirstStart(system.folder);
    forgetIdentity(system.folder);
    if (board === "onecloud") {
      writeFileSync(
        join(system.folder, "etc/udev/rules.d/70-farhand-onecloud.rules"),
        ONECLOUD_RULE,
      );
    }
    if (isReadOnly) makeReadOnly(system);
    setUpBoard(wanted, layout);
    return { base, status: read("var/lib/dpkg/status"), licenses: licensesIn(packages) };
  } finally {
    system.close();
  }
}

/** @param {Wanted} wanted @param {Awaited<ReturnType<typeof customise>>} made */
async function describe({ image, board, url }, { base, status, licenses }) {
  const sha256 = await sha256Of(image);
  const file = basename(image);
  const parts = partsList({
    name: file,
    version: new Date().toISOString(),
    status,
    suite: base.suite,
    licenses,
  });
  const list = imagerList({
    name: "Farhand",
    description: `KVM over IP with the PiKVM API, on ${base.name}`,
    url,
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

try {
  /** @type {Wanted} */
  const wanted = JSON.parse(process.argv[2] ?? "");
  unpack(wanted.base, wanted.image);
  await describe(wanted, await customise(wanted));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
