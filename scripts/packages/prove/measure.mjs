// What the packaged daemon costs on each processor: instructions until it is ready, and memory then. Seconds on an
// emulated processor would say nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { needPrograms, run } from "../host-tools.mjs";

/** @typedef {import("./chroot.mjs").Chroot} Chroot */
/** @typedef {import("../targets.mjs").Target} Target */

const PLUGIN = fileURLToPath(new URL("../insn-count.c", import.meta.url));
/** The emulator lays the program's memory below this address, its own above. */
const PROGRAM_END = 2n ** 40n;
/** Where it puts a 32-bit program's memory, so that this holds for it too. */
const BASE = "0x1000000000";
const PATIENCE_MS = 300_000;
/** After it is ready, the last parts are loaded. */
const SETTLING_MS = 5000;

export function needMeasuringTools() {
  needPrograms({ "qemu-aarch64": "qemu-user", gcc: "gcc" });
}

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

/** @param {Chroot} chroot @param {Target} target @param {string} folder */
function start(chroot, { qemu }, folder) {
  const plugin = join(folder, "count.so");
  run("gcc", ["-O2", "-shared", "-fPIC", "-o", plugin, PLUGIN]);
  cpSync(chroot.path("var/lib/farhand"), join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "farhand.yaml"), "version: 1\n");
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: folder,
    FARHAND__CONFIG: join(folder, "farhand.yaml"),
    FARHAND__DATA_DIR: join(folder, "data"),
    FARHAND__PLATFORM: "sim",
    FARHAND__HTTP__HOST: "127.0.0.1",
    FARHAND__HTTP__PORT: "0",
  };
  const runtime = "usr/lib/farhand-runtime/bin/node";
  const node = chroot.has(runtime) ? runtime : "usr/bin/node";
  const emulator = ["-L", chroot.root, "-plugin", `${plugin},count=${join(folder, "count")}`];
  if (qemu === "arm") emulator.push("-B", BASE);
  const program = [chroot.path(node), chroot.path("usr/lib/farhand/dist/main.js"), "serve"];
  return spawn(`qemu-${qemu}`, [...emulator, ...program], { env, cwd: folder });
}

/** @param {import("node:child_process").ChildProcessWithoutNullStreams} child */
async function untilReady(child) {
  let said = "";
  child.stderr.resume();
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text) => {
    said += String(text);
  });
  const limit = performance.now() + PATIENCE_MS;
  while (!said.includes("Farhand is ready")) {
    if (child.exitCode !== null || performance.now() > limit) {
      throw new Error(`The measured daemon did not get ready:\n${said.slice(-2000)}`);
    }
    await sleep(20);
  }
}

/**
 * The second start, with accounts and certificate there.
 * @param {Chroot} chroot
 * @param {Target} target
 * @returns {Promise<{ instructions: number, kilobytes: number }>}
 */
export async function measure(chroot, target) {
  const folder = mkdtempSync(join(tmpdir(), "farhand-measure-"));
  try {
    const child = start(chroot, target, folder);
    const ended = once(child, "exit");
    try {
      await untilReady(child);
      const instructions = Number(readFileSync(join(folder, "count")).readBigUInt64LE());
      await sleep(SETTLING_MS);
      return { instructions, kilobytes: residentKilobytes(child.pid ?? 0) };
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
