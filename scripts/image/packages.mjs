// The Debian packages that go into an image.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execute, fingerprint } from "../lab/host/machine.mjs";
import { ROOT } from "../root.mjs";

const SOURCES = [
  "src",
  "system",
  "scripts/packages",
  "scripts/package-deb.mjs",
  "package-lock.json",
];

/** @param {string} folder */
const debsIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(folder, name));

/**
 * The given ones, or those of this checkout, made anew when anything that could be in them has changed.
 * @param {readonly string[]} given
 * @param {{ arch: string, suite: string }} base
 */
export async function packagesFor(given, { arch, suite }) {
  for (const deb of given) if (!existsSync(deb)) throw new Error(`There is no package ${deb}`);
  if (given.length > 0) return given.map((deb) => resolve(deb));
  const folder = join(ROOT, ".build", "image", `${suite}-${arch}`);
  const stamp = join(folder, "sources");
  const current = fingerprint(SOURCES.map((path) => join(ROOT, path)));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === current) return debsIn(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const script = join(ROOT, "scripts", "package-deb.mjs");
  await execute(process.execPath, [script, "--arch", arch, "--suite", suite, "--out", folder]);
  writeFileSync(stamp, current);
  return debsIn(folder);
}
