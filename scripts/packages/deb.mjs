// Makes a Debian package of a folder, the same bytes every time.
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "../root.mjs";
import { run, whenInterrupted } from "./host-tools.mjs";
import { WORK } from "./npm-archive.mjs";

/** Seconds since 1970 that the files are dated: of the commit, or what SOURCE_DATE_EPOCH says. */
export function sourceDate() {
  const given = process.env["SOURCE_DATE_EPOCH"] ?? "";
  if (given !== "") return Number(given);
  try {
    return Number(run("git", ["log", "-1", "--format=%ct"], { cwd: ROOT }));
  } catch {
    // An unpacked archive has no history.
    return Math.floor(statSync(join(ROOT, "package-lock.json")).mtimeMs / 1000);
  }
}

/** @param {string} algorithm @param {string} file */
export function digest(algorithm, file) {
  return createHash(algorithm).update(readFileSync(file)).digest("hex");
}

/**
 * Gives a folder to fill, and takes it away afterwards, also when the script is interrupted.
 * @template T
 * @param {string} prefix path that random letters are added to
 * @param {(folder: string) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFolder(prefix, work) {
  mkdirSync(dirname(prefix), { recursive: true });
  const folder = mkdtempSync(prefix);
  // A program that has just been ended may still be writing.
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forget = whenInterrupted(remove);
  try {
    return await work(folder);
  } finally {
    forget();
    remove();
  }
}

/**
 * A folder for the content of a package.
 * @template T
 * @param {string} name
 * @param {(tree: string) => T | Promise<T>} work
 */
export const withTree = (name, work) => withFolder(join(WORK, `${name}-`), work);

/** @param {string} folder @returns {string[]} files and links below it, sorted */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} folder @param {ReadonlySet<string>} programs paths that may be executed */
function setModes(folder, programs) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, programs.has(path) ? 0o755 : 0o644);
  }
}

/** @param {string} tree */
function checksums(tree) {
  return filesBelow(tree)
    .map((path) => [path, relative(tree, path)])
    .filter(([path = "", name = ""]) => lstatSync(path).isFile() && !name.startsWith("etc/"))
    .map(([path = "", name = ""]) => `${digest("md5", path)}  ${name}\n`)
    .join("");
}

/** Kilobytes as Debian counts them: each file and folder by itself. @param {string} tree */
function installedSize(tree) {
  const entries = readdirSync(tree, { withFileTypes: true, recursive: true });
  const sizes = entries.map((entry) =>
    entry.isFile() ? Math.ceil(lstatSync(join(entry.parentPath, entry.name)).size / 1024) : 1,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * @typedef {object} DebOptions
 * @property {string} tree what is installed
 * @property {Readonly<Record<string, string>>} fields of the control file, besides the size
 * @property {Readonly<Record<string, string>>} [scripts] maintainer scripts and lists, by name
 * @property {readonly string[]} [programs] paths below the tree that may be executed
 * @property {string} out folder of the package
 * @property {number} date seconds since 1970
 * @property {boolean} isSteady packed small and alike everywhere; else fast
 */

/** @param {DebOptions} options @returns {string} path of the package */
export function makeDeb({ tree, fields, scripts = {}, programs = [], out, date, isSteady }) {
  setModes(tree, new Set(programs.map((path) => join(tree, path))));
  const size = installedSize(tree);
  const sums = checksums(tree);
  const control = join(tree, "DEBIAN");
  mkdirSync(control, { mode: 0o755 });
  const { Description = "", ...others } = fields;
  const all = { ...others, "Installed-Size": String(size), Description };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(control, "control"), lines.join(""), { mode: 0o644 });
  writeFileSync(join(control, "md5sums"), sums, { mode: 0o644 });
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(control, name), text);
    chmodSync(join(control, name), text.startsWith("#!") ? 0o755 : 0o644);
  }
  mkdirSync(out, { recursive: true });
  const file = join(out, `${fields["Package"]}_${fields["Version"]}_${fields["Architecture"]}.deb`);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(date) };
  const packing = isSteady ? ["-Zxz", "--threads-max=1"] : ["-Zzstd", "-z1"];
  run("dpkg-deb", ["--root-owner-group", ...packing, "--build", tree, file], { env });
  return file;
}
