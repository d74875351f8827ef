// Starts QEMU. The machine gets its work, and leaves its results, in a folder shared with it.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";

const PROBE_MS = 10_000;
const MEMORY_MIB = 768;
const PROGRAM = "qemu-system-x86_64";
/** Name, inside of its disk, of the state in which a machine was put to sleep. */
const STATE = "booted";
/** A busy host makes the kernel misjudge the processor's clock, and time then flies: the slower timer is exact. */
const KERNEL_WORDS =
  "console=ttyS0 quiet loglevel=4 net.ifnames=0 mitigations=off systemd.show_status=0 " +
  "clocksource=hpet tsc=unstable no_timer_check nokaslr transparent_hugepage=never rcupdate.rcu_expedited=1";
/** Written to the console by lab-agent when all is ready; a line sent back wakes it. */
const READY = "LAB-READY";
const POLL_MS = 200;

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
 * @property {"boot" | "wake" | "sleep"} start wake: goes on where it was put to sleep; sleep: waits for that
 * @property {string} shared folder that is /lab inside
 * @property {string} uart where the socket of the second serial port is made
 */

/** @param {Run} run */
function argumentsOf({ machine, disk, canLosePower, start, shared, uart }) {
  const isFast = hasKvm(machine);
  const words = start === "sleep" ? `${KERNEL_WORDS} lab.sleep` : KERNEL_WORDS;
  const cache = canLosePower ? "writeback" : "unsafe";
  const options = {
    accel: isFast ? "kvm" : "tcg,thread=multi",
    cpu: isFast ? "host" : "max",
    machine: "q35",
    m: `${MEMORY_MIB}`,
    smp: "2",
    kernel: machine.kernel,
    initrd: machine.initrd,
    append: words,
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
    console: start === "sleep" ? `null,id=console,${log}` : `stdio,id=console,signal=off,${log}`,
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
    ...(start === "wake" ? ["-loadvm", STATE] : []),
    ...(start === "sleep" ? ["-monitor", "stdio"] : []),
  ];
}

/**
 * Starts a machine. `exited` resolves when it is off; `cut` ends it as a power failure would; `say` sends a line to its
 * console, or to QEMU's monitor when it is to be put to sleep.
 * @param {Run} run
 * @returns {{ exited: Promise<void>, cut: () => void, say: (line: string) => void }}
 */
export function startMachine(run) {
  const log = openSync(join(run.shared, "qemu.log"), "a");
  // What the console prints is in its own log.
  const output = run.start === "sleep" ? log : "ignore";
  const child = spawn(PROGRAM, argumentsOf(run), { stdio: ["pipe", output, log] });
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
    cut: () => {
      child.kill("SIGKILL");
    },
    say,
  };
}

/**
 * Starts a machine, and saves its state on its disk as soon as it is ready.
 * @param {Omit<Run, "start" | "canLosePower">} run
 * @param {number} limitSeconds
 */
export async function putToSleep(run, limitSeconds) {
  const console = join(run.shared, "console.log");
  const vm = startMachine({ ...run, start: "sleep", canLosePower: false });
  const looking = setInterval(() => {
    if (!existsSync(console) || !readFileSync(console, "utf8").includes(READY)) return;
    clearInterval(looking);
    vm.say(`savevm ${STATE}\nquit`);
  }, POLL_MS);
  const limit = setTimeout(vm.cut, limitSeconds * 1000);
  await vm.exited;
  clearInterval(looking);
  clearTimeout(limit);
  const { stdout } = spawnSync("qemu-img", ["snapshot", "-l", run.disk], { encoding: "utf8" });
  return stdout.includes(` ${STATE} `);
}
