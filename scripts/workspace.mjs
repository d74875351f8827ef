// What every script needs before it can do its work: installed packages and a current build.
// Only Node's own modules are imported here, so that it runs on a fresh clone.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./root.mjs";

const LOCK = join(ROOT, "package-lock.json");
/** npm's own record of what it put into node_modules. */
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
/** Fingerprint of the lock file that was last installed. */
const INSTALL_STAMP = join(ROOT, "node_modules", ".farhand-install");
const BUILD_STAMP = join(ROOT, "dist", ".sources");

/** What is lost without an optional package. @type {Record<string, string>} */
const FEATURES = {
  serialport: "keyboard and mouse over a serial chip (CH9329, MCU)",
  onoff: "GPIO through sysfs",
  koffi: "GPIO through the character device",
  "node-pty": "terminals, and the pseudo-terminal of the simulated chip",
};

/**
 * @template T
 * @param {string} path
 * @returns {T}
 */
function readJson(path) {
  /** @type {T} */
  const content = JSON.parse(readFileSync(path, "utf8"));
  return content;
}

/** @typedef {Record<string, { version?: string, optional?: boolean } | undefined>} LockedPackages */

/** @param {string} path */
function readLock(path) {
  /** @type {{ packages: LockedPackages }} */
  const lock = readJson(path);
  return lock.packages;
}

/** @param {readonly string[]} paths */
function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

/** @param {string} path */
function stampOf(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Whether node_modules holds what the lock file asks for; an optional package may be absent only if npm gave up on it. */
function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const current = fingerprint([LOCK]);
  if (stampOf(INSTALL_STAMP) === current) return true;
  const present = readLock(INSTALLED);
  const isComplete = Object.entries(readLock(LOCK)).every(([path, wanted]) => {
    if (path === "") return true;
    const found = present[path];
    return found === undefined ? wanted?.optional === true : found.version === wanted?.version;
  });
  if (!isComplete || missingParts().length > 0) return false;
  writeFileSync(INSTALL_STAMP, current);
  return true;
}

/** Optional packages that are not there. */
function missingParts() {
  /** @type {{ optionalDependencies: Record<string, string> }} */
  const { optionalDependencies } = readJson(join(ROOT, "package.json"));
  return Object.keys(optionalDependencies).filter(
    (name) => !existsSync(join(ROOT, "node_modules", name, "package.json")),
  );
}

function reportMissingParts() {
  const missing = missingParts();
  if (missing.length === 0) return;
  console.log("Some optional parts could not be installed; everything else works without them:");
  for (const name of missing) console.log(`  ${name}: no ${FEATURES[name] ?? "such feature"}`);
  console.log(
    "They are compiled on this machine. To add them: sudo apt install build-essential python3, then npm ci",
  );
}

/**
 * Where the headers of this Node.js lie, when they lie beside it: addons are then compiled without a download.
 * @returns {Record<string, string>}
 */
function headersBesideNode() {
  const prefix = join(dirname(realpathSync(process.execPath)), "..");
  const header = join(prefix, "include", "node", "node_version.h");
  if (!existsSync(header)) return {};
  const text = readFileSync(header, "utf8");
  const version = ["MAJOR", "MINOR", "PATCH"].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return version.join(".") === process.versions.node ? { npm_config_nodedir: prefix } : {};
}

/** Installs packages when node_modules is missing or does not fit the lock file. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.log("Installing packages (a minute or two, only when something changed) ...");
  const { status, error } = spawnSync("npm", ["ci", "--include=dev", "--include=optional"], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...headersBesideNode(), ...process.env },
  });
  if (status !== 0) {
    console.error(
      `npm ci failed${error === undefined ? "" : `: ${error.message}`}. ` +
        "Is this machine online, and is the registry in ~/.npmrc right?",
    );
    process.exit(1);
  }
  writeFileSync(INSTALL_STAMP, fingerprint([LOCK]));
  reportMissingParts();
}

/** @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** Builds when a source, the lock file or the build script differs from what dist was made of. */
export async function ensureBuilt() {
  const sources = fingerprint([
    ...filesUnder(join(ROOT, "src")),
    LOCK,
    join(ROOT, "package.json"),
    join(ROOT, "scripts", "bundle.mjs"),
    join(ROOT, "scripts", "bundle-web.mjs"),
    join(ROOT, "scripts", "commonjs-names.mjs"),
  ]);
  if (existsSync(join(ROOT, "dist", "main.js")) && stampOf(BUILD_STAMP) === sources) return;
  const startedAt = performance.now();
  const { build } = await import("./bundle.mjs");
  /** @type {Record<string, number>} */
  let pages;
  try {
    pages = await build();
  } catch {
    console.error("The build failed; the errors are above.");
    process.exit(1);
  }
  writeFileSync(BUILD_STAMP, sources);
  const sizes = Object.entries(pages).map(
    ([name, size]) => `${name} ${Math.round(size / 1000)} kB`,
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`Built dist/ in ${seconds} s. Script of the pages: ${sizes.join(", ")}.`);
}

/** Says that dist is no longer what `ensureBuilt` made of the sources. */
export function forgetBuild() {
  rmSync(BUILD_STAMP, { force: true });
}

/**
 * Runs a program to its end with this terminal.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Path of a program that a package installed. @param {string} name */
export function tool(name) {
  return join(ROOT, "node_modules", ".bin", name);
}
