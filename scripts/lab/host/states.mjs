// The machine is started once and saved in each setup, as soon as everything runs: every run wakes a copy.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT } from "../../root.mjs";
import { buildSystem, cached, execute, fingerprint } from "./machine.mjs";
import { acceleration, command, startMachine } from "./vm.mjs";
import { explainEnd, openWorkplace } from "./workplace.mjs";

/** Written to the console by lab-agent whenever the machine may be saved; a line sent back wakes it. */
const READY = "LAB-READY";
const POLL_MS = 200;
/** A busy host may take its time. */
const LIMIT_SECONDS = 500;
/** The second follows from the first. */
const SETUPS = /** @type {const} */ (["gadget", "chip"]);
const SOURCES = ["host/vm.mjs", "host/states.mjs", "guest/prepare.ts", "machine/config.json"];

/** @typedef {import("./machine.mjs").Machine} Machine */

/**
 * @param {{ kernel: string, base: string }} parts
 * @param {readonly string[]} debs packages under test
 * @returns {Promise<Machine>}
 */
export async function buildMachine(parts, debs) {
  const { kernel } = parts;
  const system = await buildSystem(parts, debs);
  const part = (/** @type {string} */ name) => join(kernel, name);
  const machine = { kernel: part("vmlinux"), initrd: part("initrd.img"), folder: kernel };
  const own = SOURCES.map((path) => join(ROOT, "scripts", "lab", path));
  const key = fingerprint(own, [system, acceleration(machine)]);
  const disk = await cached("booted", key, (target) => boot(machine, system, target));
  return { ...machine, disk };
}

/** What changes is kept apart from the system, which has to be beside it. @param {Omit<Machine, "disk">} machine @param {string} system @param {string} target */
async function boot(machine, system, target) {
  const layer = ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", basename(system), target];
  await execute("qemu-img", layer);
  const place = await openWorkplace();
  const { shared, uart } = place;
  place.assign(jobFor(SETUPS[0]));
  const vm = startMachine({ machine, disk: target, canLosePower: false, start: "boot", ...place });
  const limit = setTimeout(vm.cut, LIMIT_SECONDS * 1000);
  try {
    await saveStates(vm, place);
    await command(uart, "quit");
  } finally {
    vm.cut();
    await vm.exited;
    clearTimeout(limit);
    place.close();
    rmSync(join(shared, ".."), { recursive: true, force: true });
  }
}

/** @param {import("../guest/scenario.ts").Setup} setup @returns {import("./workplace.mjs").Task} */
const jobFor = (setup) => ({ kind: "prepare", setup, scenarios: [] });

/** @param {ReturnType<typeof startMachine>} vm @param {Awaited<ReturnType<typeof openWorkplace>>} place */
async function saveStates(vm, { shared, uart, assign }) {
  const path = join(shared, "console.log");
  const said = () => (existsSync(path) ? readFileSync(path, "utf8").split(READY).length - 1 : 0);
  for (const [index, setup] of SETUPS.entries()) {
    if (index > 0) {
      assign(jobFor(setup));
      vm.say("");
    }
    while (said() <= index) {
      if (vm.isOff()) throw new Error(`The machine did not start. ${explainEnd(shared)}`);
      await pause(POLL_MS);
    }
    const answer = await command(uart, `savevm ${setup}`);
    if (answer.includes("Error")) throw new Error(`The machine could not be saved: ${answer}`);
  }
}
