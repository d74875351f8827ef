// Archives of npm packages that are not installed here, because they are for another processor.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.mjs";
import { run } from "./host-tools.mjs";

/** Everything that packaging makes and keeps. */
export const WORK = join(ROOT, ".build");
const DOWNLOADS = join(WORK, "downloads");

/** Gives a finished folder its name. Another run may have been faster: then the caller still has its own to remove. @param {string} part @param {string} folder */
export function publish(part, folder) {
  try {
    renameSync(part, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** @param {string} file @param {string} integrity */
function isSound(file, integrity) {
  const [algorithm = "", wanted] = integrity.split("-", 2);
  return createHash(algorithm).update(readFileSync(file)).digest("base64") === wanted;
}

/**
 * The unpacked package, from the cache or the registry. Throws when its bytes are not the expected ones.
 * @param {string} name
 * @param {string} version
 * @param {string} integrity as in a lock file
 * @returns {string} its folder
 */
export function npmPackage(name, version, integrity) {
  const title = `${name.replace("@", "").replace("/", "-")}-${version}`;
  const folder = join(DOWNLOADS, title);
  if (existsSync(folder)) return folder;
  mkdirSync(DOWNLOADS, { recursive: true });
  const part = mkdtempSync(`${folder}.part-`);
  const archive = join(part, `${title}.tgz`);
  try {
    run("npm", ["pack", "--silent", `${name}@${version}`, "--pack-destination", part], {
      cwd: ROOT,
    });
    if (!isSound(archive, integrity)) {
      throw new Error(`${name}@${version} is not what was expected: its checksum differs`);
    }
    const unpacked = join(part, "unpacked");
    mkdirSync(unpacked);
    run("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1", "--no-same-owner"]);
    publish(unpacked, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return folder;
}

/** Version and checksum that the lock file names. @param {string} name @returns {{ version: string, integrity: string }} */
export function locked(name) {
  /** @type {{ packages: Record<string, { version: string, integrity: string } | undefined> }} */
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const found = packages[`node_modules/${name}`];
  if (found === undefined) throw new Error(`The lock file has no ${name}`);
  return found;
}
