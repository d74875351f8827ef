// Starts QEMU. The machine gets its work, and leaves its results, in a folder shared with it.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";

const PROBE_MS = 10_000;
const MEMORY_MIB = 768;
const PROGRAM = "qemu-system-x86_64";
/** A busy host makes the kernel misjudge the processor's clock, and time then flies: the slower timer is exact. */
const KERNEL_WORDS =
  "console=ttyS0 quiet loglevel=4 net.ifnames=0 mitigations=off systemd.show_status=0 " +
  "clocksource=hpet tsc=unstable no_timer_check";

/** @typedef {import("./machine.mjs").Machine} Machine */

/**
 * Whether hardware acceleration really runs this kernel: the device being there is no proof. Asked once per kernel.
 * @param {Machine} machine
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

/** How machines run here, in words. @param {Machine} machine */
export function acceleration(machine) {
  return hasKvm(machine) ? "hardware acceleration" : "software emulation";
}

/**
 * @typedef {object} Run
 * @property {Machine} machine
 * @property {string} disk
 * @property {boolean} isDiskKept what is written stays on the disk
 * @property {import("../guest/scenario.ts").Setup} setup how the daemon is configured at first
 * @property {string} shared folder that is /lab inside
 * @property {string} uart where the socket of the second serial port is made
 */

/**
 * Starts a machine. `exited` resolves when it is off; `cut` ends it as a power failure would.
 * @param {Run} run
 * @returns {{ exited: Promise<void>, cut: () => void }}
 */
export function startMachine({ machine, disk, isDiskKept, setup, shared, uart }) {
  const isFast = hasKvm(machine);
  const drive = `file=${disk},format=raw,if=none,id=disk,cache=unsafe`;
  const options = {
    accel: isFast ? "kvm" : "tcg,thread=multi",
    cpu: isFast ? "host" : "max",
    machine: "q35",
    m: `${MEMORY_MIB}`,
    smp: "2",
    kernel: machine.kernel,
    initrd: machine.initrd,
    append: `${KERNEL_WORDS} lab.setup=${setup}`,
    drive: `${drive},snapshot=${isDiskKept ? "off" : "on"}`,
    netdev: "user,id=net",
    virtfs: `local,path=${shared},mount_tag=lab,security_model=none`,
  };
  const devices = [
    "virtio-blk-pci,drive=disk",
    "virtio-rng-pci",
    "virtio-net-pci,netdev=net,romfile=",
  ];
  const ports = {
    console: `file,id=console,append=on,path=${join(shared, "console.log")}`,
    uart: `socket,id=uart,path=${uart},server=on,wait=off`,
  };
  const args = [
    "-nodefaults",
    "-nographic",
    "-no-reboot",
    ...Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]),
    ...devices.flatMap((device) => ["-device", device]),
    ...Object.values(ports).flatMap((port) => ["-chardev", port]),
    ...Object.keys(ports).flatMap((name) => ["-serial", `chardev:${name}`]),
  ];
  const log = openSync(join(shared, "qemu.log"), "a");
  const child = spawn(PROGRAM, args, { stdio: ["ignore", log, log] });
  closeSync(log);
  const exited = new Promise((resolve) => {
    child.once("error", resolve);
    child.once("exit", resolve);
  });
  return {
    exited: exited.then(() => undefined),
    cut: () => {
      child.kill("SIGKILL");
    },
  };
}
