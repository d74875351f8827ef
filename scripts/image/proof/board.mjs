// An emulated board: QEMU's ARM machine, with the image as its card and two of its ports on this computer.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** @type {Readonly<Record<string, { program: string, machine: string, cpu: string }>>} */
export const MACHINES = {
  arm64: { program: "qemu-system-aarch64", machine: "virt,gic-version=3", cpu: "cortex-a57" },
  armhf: { program: "qemu-system-arm", machine: "virt,highmem=off", cpu: "cortex-a15" },
};

/** QEMU has to be told them. @returns {Promise<number>} a port that is free now */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/**
 * @typedef {object} BoardOptions
 * @property {string} arch
 * @property {string} image
 * @property {string} root words for the kernel: which partition, and how
 * @property {string} kernel
 * @property {string} folder for its logs
 * @property {string} name of this start
 */

export class Board {
  #child;
  #console;
  /** Of the web interface and SSH, on this computer. */
  ports;

  /** @param {BoardOptions} options @param {{ web: number, ssh: number }} ports */
  constructor({ arch, image, root, kernel, folder, name }, ports) {
    this.ports = ports;
    this.#console = join(folder, `${name}.console.log`);
    const { program, machine, cpu } = MACHINES[arch] ?? {};
    if (program === undefined) throw new Error(`There is no emulated board for ${arch}`);
    const forward = `hostfwd=tcp:127.0.0.1:${ports.web}-:8443,hostfwd=tcp:127.0.0.1:${ports.ssh}-:22`;
    const words = `console=ttyAMA0 ${root} net.ifnames=0 quiet loglevel=4 mitigations=off`;
    const options = {
      M: machine,
      cpu,
      accel: "tcg,thread=multi",
      m: "1024",
      smp: "2",
      kernel: join(kernel, "vmlinuz"),
      initrd: join(kernel, "initrd.img"),
      append: `${words} systemd.show_status=0`,
      drive: `file=${image},format=raw,if=none,id=card,cache=unsafe`,
      netdev: `user,id=net,${forward}`,
      chardev: `file,id=console,path=${this.#console}`,
    };
    const args = [
      "-nodefaults",
      "-nographic",
      "-no-reboot",
      ...Object.entries(options).flatMap(([key, value]) => [`-${key}`, value ?? ""]),
      ...[
        "virtio-blk-pci,drive=card",
        "virtio-rng-pci",
        "virtio-net-pci,netdev=net,romfile=",
      ].flatMap((device) => ["-device", device]),
      "-serial",
      "chardev:console",
    ];
    const log = openSync(join(folder, `${name}.qemu.log`), "w");
    this.#child = spawn(program, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child.once("error", () => undefined);
  }

  /** @param {BoardOptions} options */
  static async start(options) {
    return new Board(options, { web: await freePort(), ssh: await freePort() });
  }

  get #isOff() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it has written to its console. */
  get console() {
    return existsSync(this.#console) ? readFileSync(this.#console, "utf8") : "";
  }

  /** What the console shows, as soon as it does. @param {RegExp} pattern @param {number} seconds */
  async shows(pattern, seconds) {
    const limit = performance.now() + seconds * 1000;
    for (;;) {
      const found = pattern.exec(this.console);
      if (found !== null) return found;
      if (this.#isOff || performance.now() > limit) {
        throw new Error(`The board does not show ${pattern.source}:\n${this.console.slice(-3000)}`);
      }
      await sleep(250);
    }
  }

  /** As a power failure does. */
  async cut() {
    if (this.#isOff) return;
    const gone = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.kill("SIGKILL");
    await gone;
  }
}
