// The installed program: the bundle, and the packages that stay outside of it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { build as bundle, stop } from "esbuild";
import { buildOptions } from "../bundle.mjs";
import { buildWeb, webOptions } from "../bundle-web.mjs";
import { ROOT } from "../root.mjs";
import { compiledAddons, installBinary, koffiPackage, serialBinary } from "./addons.mjs";

/** @typedef {import("./targets.mjs").Target} Target */
/** @typedef {{ version: string, dependencies?: Record<string, string> }} Manifest */

const MODULES = join(ROOT, "node_modules");
/** Needed to compile, not to run. */
const BUILD_ONLY = new Set(["nan", "node-addon-api", "prebuild-install"]);
/** Parts of packages that no program loads. */
const LEFT_OUT = new Set([
  "build",
  "deps",
  "doc",
  "docs",
  "example",
  "examples",
  "integration-test",
  "node-addon-api",
  "node_modules",
  "prebuilds",
  "scripts",
  "test",
  "third_party",
  "typings",
  "vendor",
]);
/** How often the same bundle has to come out to be believed. */
const STEADY_TIMES = 3;
const LOADED = /(?<!\.test)\.c?js$/;

/** Native packages and what they load. Files of the terminal's page are read where they lie. */
const OUTSIDE = ["better-sqlite3", "koffi", "node-pty", "onoff", "serialport"];
const PAGE_FILES = [
  "@xterm/xterm/package.json",
  "@xterm/xterm/lib/xterm.js",
  "@xterm/xterm/css/xterm.css",
  "@xterm/addon-fit/package.json",
  "@xterm/addon-fit/lib/addon-fit.js",
];

/** @param {string} folder @returns {Manifest} */
function manifestOf(folder) {
  /** @type {Manifest} */
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return manifest;
}

/** The folder that `import name` in a package leads to. @param {string} name @param {string} from */
function resolve(name, from) {
  for (let folder = from; folder.startsWith(MODULES); folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
  }
  return join(MODULES, name);
}

/** Folders of the packages and of everything that they load. @param {readonly string[]} names */
function closure(names) {
  const folders = new Set(names.map((name) => join(MODULES, name)));
  for (const folder of folders) {
    if (!existsSync(folder))
      throw new Error(`${relative(MODULES, folder)} is not installed: npm ci`);
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      if (!BUILD_ONLY.has(name)) folders.add(resolve(name, folder));
    }
  }
  return [...folders].sort();
}

/** Modules and manifests; not the commands of packages, nor their types and tests. @param {string} file */
function isLoaded(file) {
  if (file.endsWith("/package.json")) return true;
  return LOADED.test(file) && !readFileSync(file, "utf8").startsWith("#!");
}

/** Copies what is loaded. @param {string} from @param {string} to */
function copyLoaded(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) copyLoaded(source, join(to, entry.name));
    } else if (isLoaded(source)) {
      mkdirSync(to, { recursive: true });
      cpSync(source, join(to, entry.name));
    }
  }
}

/** @param {Target} target @param {string} modules @param {boolean} isSteady */
function installNative(target, modules, isSteady) {
  for (const { name, file } of compiledAddons(target, isSteady)) {
    installBinary(target, file, join(modules, name, "build/Release", basename(file)));
  }
  const koffi = koffiPackage(target);
  copyLoaded(koffi.folder, join(modules, koffi.name));
  const koffiFile = join(target.koffi, "koffi.node");
  installBinary(target, join(koffi.folder, koffiFile), join(modules, koffi.name, koffiFile));
  const serial = serialBinary(target);
  const place = join(modules, "@serialport/bindings-cpp/prebuilds", serial.folder, serial.name);
  installBinary(target, serial.file, place);
}

/** The package that a file belongs to. @param {string} file @returns {string | undefined} its folder */
function packageOf(file) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  return found === undefined ? undefined : join(ROOT, found);
}

/**
 * Bundles in memory until the same bytes have come out `times` times, and writes those: now and then esbuild names
 * variables of CommonJS modules in another order, and a release has to be the same wherever it is made.
 * @param {import("esbuild").BuildOptions} options
 * @param {number} times
 */
async function bundleSteadily(options, times) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (;;) {
    const result = await bundle({ ...options, write: false });
    const files = result.outputFiles;
    const key = files.map(({ path, hash }) => `${path} ${hash}`).join("\n");
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count < times) continue;
    for (const { path, contents } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contents);
    }
    return result;
  }
}

/** @param {string} outdir @param {number} times @returns {Promise<readonly string[]>} folders of the packages that went into it */
async function bundleProgram(outdir, times) {
  const asked = { metafile: true, sourcemap: false };
  const [program, pages] = await Promise.all([
    bundleSteadily({ ...buildOptions, ...asked, outdir }, times),
    // For the list of its packages only.
    bundle({ ...webOptions, ...asked, outdir, write: false }),
    buildWeb(join(outdir, "web")),
  ]);
  await stop();
  const inputs = [program, pages].flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
  return inputs.flatMap((file) => packageOf(file) ?? []);
}

/**
 * Puts the program for one architecture into a folder, as it lies in /usr/lib/farhand.
 * @param {Target} target
 * @param {string} folder
 * @param {boolean} isSteady the same bytes everywhere
 * @returns {Promise<readonly string[]>} folders of all packages that are part of it
 */
export async function installProgram(target, folder, isSteady) {
  rmSync(folder, { recursive: true, force: true });
  const inside = await bundleProgram(join(folder, "dist"), isSteady ? STEADY_TIMES : 1);
  // Node.js asks the nearest one whether files are modules.
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const modules = join(folder, "node_modules");
  const outside = closure(OUTSIDE);
  for (const source of outside) copyLoaded(source, join(modules, relative(MODULES, source)));
  for (const file of PAGE_FILES) {
    mkdirSync(dirname(join(modules, file)), { recursive: true });
    cpSync(join(MODULES, file), join(modules, file));
  }
  installNative(target, modules, isSteady);
  const pages = ["@xterm/xterm", "@xterm/addon-fit"].map((name) => join(MODULES, name));
  return [...new Set([...inside, ...outside, ...pages])].sort();
}
