// Small systems of other releases and processors, to install packages in.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { needPrograms, run, whenInterrupted } from "../host-tools.mjs";
import { WORK } from "../npm-archive.mjs";

/** @typedef {import("../targets.mjs").Target} Target */

const CHROOTS = join(WORK, "chroots");
const BINFMT = "/proc/sys/fs/binfmt_misc";
/** Of networks that open and close TLS on the way. */
const AUTHORITIES = "usr/local/share/authorities.crt";
/** What every system with Debian has, and what the checks themselves need. */
const INCLUDE = ["ca-certificates", "init-system-helpers", "util-linux", "zstd"];
const NO_EXTRAS = ["doc", "man", "info", "locale"].map(
  (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
);
const OPTIONS = [
  "--variant=minbase",
  "--format=directory",
  '--aptopt=APT::Install-Recommends "false"',
  "--dpkgopt=force-unsafe-io",
  ...NO_EXTRAS,
];

/** Lets the kernel start programs for the target. @param {Target} target */
export function registerInterpreter({ qemu, arch }) {
  if (arch === "amd64" && process.arch === "x64") return;
  if (existsSync(join(BINFMT, `qemu-${qemu}`))) return;
  if (!existsSync(join(BINFMT, "register"))) {
    run("mount", ["-t", "binfmt_misc", "binfmt_misc", BINFMT]);
  }
  const rule = readFileSync(`/usr/lib/binfmt.d/qemu-${qemu}.conf`, "utf8");
  writeFileSync(join(BINFMT, "register"), rule.trim());
}

export function needChrootTools() {
  if (process.getuid?.() !== 0) throw new Error("Making a chroot needs root");
  needPrograms({
    mmdebstrap: "mmdebstrap",
    unshare: "util-linux",
    zstd: "zstd",
    "arch-test": "arch-test",
    "qemu-aarch64-static": "qemu-user-static",
  });
}

/** Takes a system away; never what is still mounted in it, which may be this machine's own. @param {string} folder */
export function removeTree(folder) {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  if (mounts.includes(` ${realpathSync(dirname(folder))}/${basename(folder)}/`)) {
    throw new Error(`Something is mounted in ${folder}: unmount it before removing it`);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Where this machine has its Debian from. */
export function debianMirror() {
  const said = run("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
  const found = said.split("\n").find((address) => /\/debian\/?$/.test(address));
  if (found === undefined) throw new Error("This machine's apt knows no mirror of Debian");
  return found;
}

/** Makes a system with mmdebstrap. @param {string} suite @param {string} tree @param {readonly string[]} args */
export function bootstrap(suite, tree, args) {
  const always = ["--quiet", "--mode=root", ...args, suite, tree];
  try {
    run("mmdebstrap", always);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n").slice(1).join("\n") : "";
    // An index of updates that is just being replaced does not fit its signature.
    console.log(`${reason}\nMaking ${suite} again, of the release without its updates`);
    removeTree(tree);
    run("mmdebstrap", [...always, `deb ${debianMirror()} ${suite} main`]);
  }
}

/** The archive of a fresh system, made once. @param {Target} target @param {string} suite */
function baseArchive(target, suite) {
  const key = createHash("sha256")
    .update(JSON.stringify([OPTIONS, INCLUDE]))
    .digest("hex");
  const archive = join(CHROOTS, `${suite}-${target.arch}-${key.slice(0, 12)}.tar.zst`);
  if (existsSync(archive)) return archive;
  mkdirSync(CHROOTS, { recursive: true });
  const folder = mkdtempSync(join(CHROOTS, "base-"));
  const startedAt = performance.now();
  const tree = join(folder, "root");
  const part = join(folder, "archive");
  const args = [...OPTIONS, `--architectures=${target.arch}`, `--include=${INCLUDE.join(",")}`];
  try {
    bootstrap(suite, tree, args);
    run("tar", ["-C", tree, "--numeric-owner", "--xattrs", "-I", "zstd -3 -T0", "-cf", part, "."]);
    renameSync(part, archive);
  } finally {
    removeTree(folder);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`Made the system ${suite} ${target.arch} in ${seconds} s`);
  return archive;
}

/** A clean system. The caller removes it; an interrupted script has it removed. */
export class Chroot {
  /** Its folder on this machine. */
  root;
  #forget;

  /** @param {Target} target @param {string} suite */
  constructor(target, suite) {
    registerInterpreter(target);
    const archive = baseArchive(target, suite);
    this.root = mkdtempSync(join(CHROOTS, `${suite}-${target.arch}-`));
    this.#forget = whenInterrupted(() => this.remove());
    try {
      this.#fill(archive);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** @param {string} archive */
  #fill(archive) {
    run("tar", ["-C", this.root, "--numeric-owner", "--xattrs", "-I", "zstd", "-xpf", archive]);
    cpSync("/etc/resolv.conf", join(this.root, "etc/resolv.conf"), { dereference: true });
    const { NODE_EXTRA_CA_CERTS: authorities } = process.env;
    if (authorities !== undefined) cpSync(authorities, this.path(AUTHORITIES));
    // No service is started by installing.
    writeFileSync(join(this.root, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", {
      mode: 0o755,
    });
  }

  /** @param {string} path */
  has(path) {
    return existsSync(this.path(path));
  }

  /** @param {...string} parts */
  path(...parts) {
    return join(this.root, ...parts);
  }

  /**
   * How a command is started inside, with processes and mounts of its own that end with it.
   * @param {string} script for the shell
   * @returns {readonly [string, readonly string[]]}
   */
  command(script) {
    const authorities = this.has(AUTHORITIES) ? `NODE_EXTRA_CA_CERTS=/${AUTHORITIES}` : "";
    const enter = [
      `mount --rbind /dev ${this.root}/dev`,
      `mount -t proc proc ${this.root}/proc`,
      `mount -t sysfs -o ro sysfs ${this.root}/sys`,
      `exec chroot ${this.root} /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${authorities} sh -c "$SCRIPT"`,
    ].join(" && ");
    return [
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child", "env", `SCRIPT=${script}`, "sh", "-c", enter],
    ];
  }

  /** Runs to its end. @param {string} script */
  try(script) {
    const [program, args] = this.command(script);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    return { status, text: `${stdout}${stderr}`.trim(), stdout: stdout.trim() };
  }

  /** Throws when it fails. @param {string} script */
  run(script) {
    const { status, text, stdout } = this.try(script);
    if (status !== 0) throw new Error(`"${script}" failed (${status}):\n${text.slice(-3000)}`);
    return stdout;
  }

  /** @param {readonly string[]} files packages of this machine */
  bring(files) {
    mkdirSync(this.path("packages"), { recursive: true });
    return files.map((file) => {
      const place = `/packages/${file.split("/").at(-1)}`;
      cpSync(file, this.path(place));
      return place;
    });
  }

  remove() {
    this.#forget();
    removeTree(this.root);
  }
}
