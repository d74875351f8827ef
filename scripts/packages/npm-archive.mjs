// Archives of npm packages that are not installed here, because they are for another processor.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.mjs";
import { run } from "./host-tools.mjs";

/** Everything that packaging makes and keeps. */
export const WORK = join(ROOT, ".build");
const DOWNLOADS = join(WORK, "downloads");

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
  const archive = `${folder}.tgz`;
  mkdirSync(DOWNLOADS, { recursive: true });
  run("npm", ["pack", "--silent", `${name}@${version}`, "--pack-destination", DOWNLOADS], {
    cwd: ROOT,
  });
  if (!isSound(archive, integrity)) {
    rmSync(archive);
    throw new Error(`${name}@${version} is not what was expected: its checksum differs`);
  }
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part);
  run("tar", ["-xzf", archive, "-C", part, "--strip-components=1", "--no-same-owner"]);
  renameSync(part, folder);
  rmSync(archive);
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
