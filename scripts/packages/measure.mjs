// node scripts/packages/measure.mjs
// What the packaged daemon costs on each processor: instructions until it is ready, and memory then, of Debian 13 and of
// its second start. Every processor is emulated, the own one too, so that the figures can be compared; seconds would say
// nothing. Needs root and the network.
import "../node-version.mjs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../root.mjs";
import { needPrograms, run } from "./host-tools.mjs";
import { WORK } from "./npm-archive.mjs";
import { bootstrap, removeTree } from "./prove/chroot.mjs";
import { ARCHITECTURES, targetOf } from "./targets.mjs";

/** @typedef {import("./targets.mjs").Target} Target */
/** @typedef {{ instructions: number, kilobytes: number }} Costs */

const SUITE = "trixie";
const PLUGIN = fileURLToPath(new URL("insn-count.c", import.meta.url));
/** The emulator lays the program's memory below this address, its own above. */
const PROGRAM_END = 2n ** 40n;
/** Where it puts a 32-bit program's memory, so that this holds for it too. */
const BASE = "0x1000000000";
const PATIENCE_MS = 600_000;
/** After it is ready, the last parts are loaded. */
const SETTLING_MS = 5000;

/** Kilobytes of the emulated program itself, without the emulator. @param {number} pid */
function residentKilobytes(pid) {
  let isProgram = false;
  let sum = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const start = /^([0-9a-f]+)-/.exec(line)?.[1];
    if (start !== undefined) isProgram = BigInt(`0x${start}`) < PROGRAM_END;
    else if (isProgram) sum += Number(/^Rss: +(\d+) kB/.exec(line)?.[1] ?? 0);
  }
  return sum;
}

/** Files of a system with the package, unpacked only. @param {Target} target @param {string} folder */
function unpack({ arch }, folder) {
  const root = join(folder, "root");
  const options = ["--variant=extract", "--format=directory", "--skip=check/qemu"];
  bootstrap(SUITE, root, [...options, `--architectures=${arch}`, "--include=nodejs"]);
  // Of the package base-files, which nothing here needs otherwise.
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name));
  }
  const script = join(ROOT, "scripts", "package-deb.mjs");
  const args = ["--arch", arch, "--suite", SUITE, "--out", join(folder, "packages")];
  const [file = ""] = run(process.execPath, [script, ...args])
    .trim()
    .split("\n")
    .slice(-1);
  run("dpkg-deb", ["-x", file, root]);
  return root;
}

/** @param {string} root @param {Target} target @param {string} folder */
function start(root, { qemu }, folder) {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: folder,
    FARHAND__CONFIG: join(folder, "farhand.yaml"),
    FARHAND__DATA_DIR: join(folder, "data"),
    FARHAND__PLATFORM: "sim",
    FARHAND__HTTP__HOST: "127.0.0.1",
    FARHAND__HTTP__PORT: "0",
  };
  const plugin = `${join(folder, "count.so")},count=${join(folder, "count")}`;
  const emulator = ["-L", root, "-plugin", plugin, ...(qemu === "arm" ? ["-B", BASE] : [])];
  const program = [join(root, "usr/bin/node"), join(root, "usr/lib/farhand/dist/main.js"), "serve"];
  return spawn(`qemu-${qemu}`, [...emulator, ...program], { env, cwd: folder });
}

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} child */
async function untilReady(child) {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      said += String(text);
    });
  }
  const limit = performance.now() + PATIENCE_MS;
  while (!said.includes("Farhand is ready")) {
    if (child.exitCode !== null || performance.now() > limit) {
      throw new Error(`The measured daemon did not get ready:\n${said.slice(-2000)}`);
    }
    await sleep(20);
  }
}

/** One start. @param {string} root @param {Target} target @param {string} folder @returns {Promise<Costs>} */
async function runOnce(root, target, folder) {
  const counter = join(folder, "count");
  writeFileSync(counter, Buffer.alloc(8));
  const child = start(root, target, folder);
  const ended = once(child, "exit");
  try {
    await untilReady(child);
    const instructions = Number(readFileSync(counter).readBigUInt64LE());
    await sleep(SETTLING_MS);
    return { instructions, kilobytes: residentKilobytes(child.pid ?? 0) };
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

/** @param {Target} target @returns {Promise<Costs>} */
async function measure(target) {
  mkdirSync(WORK, { recursive: true });
  const folder = mkdtempSync(join(WORK, `measure-${target.arch}-`));
  try {
    const root = unpack(target, folder);
    run("gcc", ["-O2", "-shared", "-fPIC", "-o", join(folder, "count.so"), PLUGIN]);
    writeFileSync(join(folder, "farhand.yaml"), "version: 1\n");
    // The first start makes account and certificate.
    await runOnce(root, target, folder);
    return await runOnce(root, target, folder);
  } finally {
    removeTree(folder);
  }
}

/** @param {number} value @param {number} base */
const ratio = (value, base) => (value / base).toFixed(2);

try {
  if (process.getuid?.() !== 0) throw new Error("Unpacking systems needs root");
  needPrograms({ mmdebstrap: "mmdebstrap", "qemu-aarch64": "qemu-user", gcc: "gcc" });
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : ARCHITECTURES;
  console.log(
    "| Processor | Instructions | beside the first | Resident memory | beside the first |",
  );
  console.log(
    "| --------- | ------------ | ---------------- | --------------- | ---------------- |",
  );
  /** @type {Costs | undefined} */
  let base;
  for (const arch of wanted) {
    const { instructions, kilobytes } = await measure(targetOf(arch));
    base ??= { instructions, kilobytes };
    const cells = [
      arch,
      `${(instructions / 1e6).toFixed(0)} million`,
      ratio(instructions, base.instructions),
      `${(kilobytes / 1024).toFixed(1)} MB`,
      ratio(kilobytes, base.kilobytes),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
