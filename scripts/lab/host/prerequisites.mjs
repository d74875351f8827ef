// What the lab needs on this computer.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Program and the Debian package that has it. @type {Readonly<Record<string, string>>} */
const PROGRAMS = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  mmdebstrap: "mmdebstrap",
  zstd: "zstd",
  cpio: "cpio",
  depmod: "kmod",
  "mkfs.ext4": "e2fsprogs",
  "dpkg-deb": "dpkg",
  xz: "xz-utils",
  make: "make",
  gcc: "gcc",
  unshare: "util-linux",
};

const FOLDERS = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];

/** @param {string} program */
function isInstalled(program) {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const missing = () => Object.keys(PROGRAMS).filter((program) => !isInstalled(program));

/** @param {readonly string[]} programs */
function packagesOf(programs) {
  return [...new Set(programs.map((program) => PROGRAMS[program] ?? program))];
}

/** Installs packages with apt; returns whether that worked. @param {readonly string[]} packages */
export function install(packages) {
  console.log(`Installing ${packages.join(", ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  /** @param {readonly string[]} args */
  const apt = (args) => spawnSync("apt-get", ["-qq", ...args], { stdio: "inherit", env }).status;
  apt(["update"]);
  return apt(["install", "-y", "--no-install-recommends", ...packages]) === 0;
}

/**
 * Why the lab cannot run here, or undefined when it can. Missing packages are installed where that is permitted.
 * @param {{ mayInstall: boolean }} options
 * @returns {string | undefined}
 */
export function findObstacle({ mayInstall }) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `the machine is a PC with Linux; this computer is ${process.platform} on ${process.arch}`;
  }
  if (process.getuid?.() !== 0) return "it has to be root, to make a Debian system in a folder";
  if (missing().length > 0 && mayInstall) install(packagesOf(missing()));
  const left = missing();
  if (left.length === 0) return undefined;
  return `these programs are missing: ${left.join(", ")}. To install them: npm run lab -- --install`;
}
