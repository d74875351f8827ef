// Starts QEMU. The machine gets its work, and leaves its results, in a folder shared with it.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { release } from "node:os";
import { join } from "node:path";

const PROBE_MS = 10_000;
const MEMORY_MIB = 768;
const PROGRAM = "qemu-system-x86_64";
/**
 * Emulated, the least that Debian's programs are compiled for is the quickest: what a newer processor has, such as wide
 * registers, is done step by step. A second one would only make the two wait for each other.
 */
const CPU = "Nehalem";
/** A busy host makes the kernel misjudge the processor's clock, and time then flies: the slower timer is exact. */
const CLOCK_WORDS = "clocksource=hpet tsc=unstable no_timer_check";
/** What the kernel would do for nobody here: guards against attacks, tests of itself, a PC's keyboard. */
const SPARING_WORDS =
  "mitigations=off nokaslr init_on_alloc=0 hardened_usercopy=off cryptomgr.notests nowatchdog audit=0 " +
  "i8042.noaux i8042.nokbd transparent_hugepage=never rcupdate.rcu_expedited=1";
const KERNEL_WORDS = `console=ttyS0 quiet loglevel=4 net.ifnames=0 systemd.show_status=0 ${CLOCK_WORDS} ${SPARING_WORDS}`;

/** @typedef {Omit<import("./machine.mjs").Machine, "disk">} Kernel */

/**
 * Whether hardware acceleration really runs this kernel: the device being there is no proof. Asked once per kernel.
 * @param {Kernel} kernel
 */
function hasKvm({ kernel, initrd, folder }) {
  const wanted = process.env["LAB_ACCEL"];
  if (wanted !== undefined) return wanted === "kvm";
  if (!existsSync("/dev/kvm")) return false;
  const note = join(folder, `kvm-${release()}`);
  if (!existsSync(note)) {
    const words = "console=ttyS0 quiet lab.probe";
    const args = ["-accel", "kvm", "-cpu", "host", "-M", "q35", "-m", "512", "-nodefaults"];
    args.push("-nographic", "-no-reboot", "-serial", "stdio", "-kernel", kernel, "-initrd", initrd);
    args.push("-append", words);
    const { stdout } = spawnSync(PROGRAM, args, {
      timeout: PROBE_MS,
      killSignal: "SIGKILL",
      encoding: "utf8",
    });
    writeFileSync(note, stdout.includes("LAB-PROBE-OK") ? "yes" : "no");
  }
  return readFileSync(note, "utf8") === "yes";
}

/** How machines run here, in words. @param {Kernel} kernel */
export function acceleration(kernel) {
  return hasKvm(kernel) ? "hardware acceleration" : "software emulation";
}

/**
 * @typedef {object} Run
 * @property {Kernel} machine
 * @property {string} disk what is written stays on it
 * @property {boolean} canLosePower what the machine has flushed is on the disk whenever QEMU ends; else it is faster
 * @property {"boot" | "wake"} start wake: goes on where it was saved
 * @property {import("../guest/scenario.ts").Setup} [setup] which of the saved states it wakes from
 * @property {string} shared folder that is /lab inside
 * @property {string} uart where the socket of the second serial port is made
 */

/** QEMU's own console is a socket beside that of the serial port. @param {string} uart */
const monitorOf = (uart) => `${uart}-monitor`;

/** @param {Run} run */
function argumentsOf({ machine, disk, canLosePower, start, setup = "gadget", shared, uart }) {
  const isFast = hasKvm(machine);
  const cache = canLosePower ? "writeback" : "unsafe";
  const options = {
    accel: isFast ? "kvm" : "tcg,thread=multi",
    cpu: isFast ? "host" : CPU,
    machine: "q35",
    m: `${MEMORY_MIB}`,
    kernel: machine.kernel,
    initrd: machine.initrd,
    append: KERNEL_WORDS,
    drive: `file=${disk},format=qcow2,if=none,id=disk,cache=${cache}`,
    netdev: "user,id=net",
    virtfs: `local,path=${shared},mount_tag=lab,security_model=none`,
  };
  const devices = [
    "virtio-blk-pci,drive=disk",
    "virtio-rng-pci",
    "virtio-net-pci,netdev=net,romfile=",
  ];
  const log = `logfile=${join(shared, "console.log")},logappend=on`;
  const ports = {
    console: `stdio,id=console,signal=off,${log}`,
    uart: `socket,id=uart,path=${uart},server=on,wait=off`,
  };
  return [
    "-nodefaults",
    "-nographic",
    "-no-reboot",
    ...Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]),
    ...devices.flatMap((device) => ["-device", device]),
    ...Object.values(ports).flatMap((port) => ["-chardev", port]),
    ...Object.keys(ports).flatMap((name) => ["-serial", `chardev:${name}`]),
    "-monitor",
    `unix:${monitorOf(uart)},server=on,wait=off`,
    ...(start === "wake" ? ["-loadvm", setup] : []),
  ];
}

/**
 * Starts a machine. `exited` resolves when it is off; `cut` ends it as a power failure would; `say` sends a line to its
 * console.
 * @param {Run} run
 * @returns {{ exited: Promise<void>, isOff: () => boolean, cut: () => void, say: (line: string) => void }}
 */
export function startMachine(run) {
  const log = openSync(join(run.shared, "qemu.log"), "a");
  // What the console prints is in its own log.
  const child = spawn(PROGRAM, argumentsOf(run), { stdio: ["pipe", "ignore", log] });
  closeSync(log);
  const exited = new Promise((resolve) => {
    child.once("error", resolve);
    child.once("exit", resolve);
  });
  // It may have ended.
  child.stdin?.on("error", () => undefined);
  const say = (/** @type {string} */ line) => {
    child.stdin?.write(`${line}\n`);
  };
  if (run.start === "wake") say("");
  return {
    exited: exited.then(() => undefined),
    isOff: () => child.exitCode !== null || child.signalCode !== null,
    cut: () => {
      child.kill("SIGKILL");
    },
    say,
  };
}

/**
 * Gives QEMU a command; resolves to what it said when that is done, or when QEMU ended.
 * @param {string} uart of that machine
 * @param {string} command
 * @returns {Promise<string>}
 */
export function command(uart, command) {
  return new Promise((resolve) => {
    const monitor = connect(monitorOf(uart));
    let said = "";
    monitor.setEncoding("utf8").on("data", (text) => {
      said += text;
      // It asks for a command, and for another one afterwards.
      if (said.split("(qemu) ").length > 2) monitor.end();
    });
    monitor.on("error", () => undefined);
    monitor.once("close", () => {
      resolve(said);
    });
    monitor.write(`${command}\n`);
  });
}
