// The machine's parts, each built once and kept in .lab/ under the fingerprint of what it is made of.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { ROOT } from "../../root.mjs";

const MACHINE = join(ROOT, "scripts", "lab", "machine");
export const CACHE = join(ROOT, ".lab");

/** A small system, and what our package depends on and recommends. Installing it says what is missing here. */
const BASE_PACKAGES =
  "systemd-sysv,udev,kmod,iproute2,procps,init-system-helpers,libstdc++6,libgcc-s1,libatomic1,ustreamer";

/** `disk` holds the installed system and, in it, the states in which the machine was saved when everything ran. @typedef {{ kernel: string, initrd: string, disk: string, folder: string }} Machine */

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** @param {readonly string[]} paths @param {readonly string[]} words */
export function fingerprint(paths, words = []) {
  const hash = createHash("sha256").update(JSON.stringify(words));
  for (const path of paths.flatMap(filesUnder)) {
    hash.update(relative(ROOT, path)).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Runs a script of the machine; its output is shown when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export function execute(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${basename(program)} failed (${code}):\n${output.slice(-4000)}`));
    });
  });
}

/**
 * Makes `kind-fingerprint` when it is not there, and forgets older ones of that kind.
 * @param {string} kind
 * @param {string} key
 * @param {(target: string) => Promise<void>} make
 */
export async function cached(kind, key, make) {
  mkdirSync(CACHE, { recursive: true });
  const target = join(CACHE, `${kind}-${key}`);
  if (existsSync(target)) return target;
  const startedAt = performance.now();
  const part = join(CACHE, `part-${process.pid}-${kind}`);
  rmSync(part, { recursive: true, force: true });
  try {
    await make(part);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
  for (const name of readdirSync(CACHE)) {
    if (name.startsWith(`${kind}-`)) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
  renameSync(part, target);
  console.log(`   ${kind}: made in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  return target;
}

const script = (/** @type {string} */ name) => join(MACHINE, name);

function buildKernel() {
  const inputs = [
    "common.sh",
    "build-kernel.sh",
    "build-gpio-sim.sh",
    "initrd-init",
    "modules.list",
  ];
  return cached("kernel", fingerprint(inputs.map(script)), (target) =>
    execute(script("build-kernel.sh"), [target]),
  );
}

function buildBase() {
  const key = fingerprint([script("common.sh"), script("build-base.sh")], [BASE_PACKAGES]);
  return cached("base", key, (target) => execute(script("build-base.sh"), [target, BASE_PACKAGES]));
}

/** What does not depend on the packages under test. */
export async function buildParts() {
  const [kernel, base] = await Promise.all([buildKernel(), buildBase()]);
  return { kernel, base };
}

/**
 * The system with the packages under test, as it was installed.
 * @param {{ kernel: string, base: string }} parts
 * @param {readonly string[]} debs packages under test
 * @returns {Promise<string>} its disk
 */
export function buildSystem({ kernel, base }, debs) {
  const inputs = ["overlay", "build-image.sh", "config.json"].map(script);
  const key = fingerprint([...inputs, ...debs], [kernel, base]);
  return cached("disk", key, (target) =>
    execute(script("build-image.sh"), [kernel, base, target, ...debs]),
  );
}

/** A disk of its own for one run, which is taken away afterwards. @param {Machine} machine @param {string} name */
export function copyDisk({ disk }, name) {
  const copy = join(CACHE, `part-${process.pid}-${name}.qcow2`);
  copyFileSync(disk, copy, constants.COPYFILE_FICLONE);
  return copy;
}
