// The root file system of an image, mounted for a while and never left behind.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmdirSync } from "node:fs";
import { run } from "../packages/host-tools.mjs";

/** @typedef {import("./base.mjs").Partition} Partition */

/** @param {string} image @param {readonly string[]} range of it @returns {string} name of its loop device */
function attach(image, range) {
  try {
    return run("losetup", ["--find", "--show", ...range, image]).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new Error(
      "No loop device could be had to mount the image with. Containers have none as a rule: " +
        `use a computer or a virtual machine.\n${reason}`,
      { cause: error },
    );
  }
}

export class MountedRoot {
  /** Its folder on this machine, beside the image. */
  folder;

  /** @param {string} image @param {Partition} partition */
  constructor(image, { offset, size }) {
    this.folder = `${image}.root`;
    const device = attach(image, ["--offset", String(offset), "--sizelimit", String(size)]);
    // Detached as soon as nothing uses it, however this program ends.
    const held = openSync(device, "r");
    run("losetup", ["--detach", device]);
    mkdirSync(this.folder);
    try {
      // Found clean, and made as large as its partition.
      spawnSync("e2fsck", ["-fy", device]);
      run("resize2fs", [device]);
      run("mount", [device, this.folder]);
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    } finally {
      closeSync(held);
    }
  }

  /**
   * Runs a script of the shell inside, with mounts and processes of its own that end with it.
   * @param {string} script
   */
  run(script) {
    const enter = [
      'mount --rbind /dev "$ROOT/dev"',
      'mount -t proc proc "$ROOT/proc"',
      'mount -t sysfs -o ro sysfs "$ROOT/sys"',
      'mount -t tmpfs tmpfs "$ROOT/run"',
      'exec chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -ec "$SCRIPT"',
    ].join(" && ");
    const env = { ...process.env, SCRIPT: script, ROOT: this.folder };
    const args = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter];
    const { status, stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", env });
    if (status === 0) return stdout;
    throw new Error(
      `In the image failed (${status}): ${script}\n${`${stdout}${stderr}`.slice(-3000)}`,
    );
  }

  /** Throws when what was written has not got to the image. */
  close() {
    run("sync", ["--file-system", this.folder]);
    run("umount", [this.folder]);
    rmdirSync(this.folder);
  }
}
