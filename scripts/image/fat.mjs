// Files of a FAT partition inside an image, by mtools: no mount, which not every kernel could do.
import { spawnSync } from "node:child_process";
import { run } from "../packages/host-tools.mjs";

const ENV = { ...process.env, MTOOLS_SKIP_CHECK: "1" };

export class FatFiles {
  #drive;

  /** @param {string} image @param {import("./base.mjs").Partition} partition */
  constructor(image, { offset }) {
    this.#drive = `${image}@@${offset}`;
  }

  /** Empty when there is no such file. @param {string} name */
  read(name) {
    const args = ["-i", this.#drive, `::${name}`];
    return spawnSync("mtype", args, { encoding: "utf8", env: ENV }).stdout;
  }

  /** @param {string} name @param {string} text */
  write(name, text) {
    run("mcopy", ["-o", "-i", this.#drive, "-", `::${name}`], { input: text, env: ENV });
  }
}
