// The Debian packages under test, made anew when anything that could be in them has changed.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../root.mjs";
import { CACHE, execute, fingerprint } from "./machine.mjs";

const FOLDER = join(CACHE, "packages");
const STAMP = join(FOLDER, "sources");
const SOURCES = ["src", "system", "scripts/packages", "package.json", "package-lock.json"];
const SCRIPTS = ["bundle.mjs", "bundle-web.mjs", "commonjs-names.mjs", "package-deb.mjs"];

/** @param {string} folder */
function debsIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  return names.sort().map((name) => join(folder, name));
}

/** @param {string | undefined} folder ready-made packages; undefined: made of this checkout */
export async function findPackages(folder) {
  if (folder !== undefined) return debsIn(folder);
  const sources = [...SOURCES, ...SCRIPTS.map((name) => join("scripts", name))]
    .map((path) => join(ROOT, path))
    .filter((path) => existsSync(path));
  const current = fingerprint(sources);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === current) return debsIn(FOLDER);
  const startedAt = performance.now();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const script = join(ROOT, "scripts", "package-deb.mjs");
  const options = ["--arch", "amd64", "--suite", "bookworm", "--out", FOLDER];
  await execute(process.execPath, [script, ...options]);
  writeFileSync(STAMP, current);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`   packages: made in ${seconds.toFixed(0)} s`);
  return debsIn(FOLDER);
}
