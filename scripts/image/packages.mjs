// The Debian packages that go into an image.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { execute, fingerprint } from "../lab/host/machine.mjs";
import { withFolder } from "../packages/deb.mjs";
import { publish } from "../packages/npm-archive.mjs";
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
  if (given.length > 0) return given.map((deb) => resolve(deb));
  const current = fingerprint(SOURCES.map((path) => join(ROOT, path)));
  const folder = join(ROOT, ".build", "image", `${suite}-${arch}-${current}`);
  if (existsSync(folder)) return debsIn(folder);
  await withFolder(`${folder}.part-`, async (part) => {
    const script = join(ROOT, "scripts", "package-deb.mjs");
    await execute(process.execPath, [script, "--arch", arch, "--suite", suite, "--out", part]);
    publish(part, folder);
  });
  const kind = new RegExp(`^${suite}-${arch}-[0-9a-f]{16}$`);
  for (const name of readdirSync(dirname(folder))) {
    const older = join(dirname(folder), name);
    if (kind.test(name) && older !== folder) rmSync(older, { recursive: true, force: true });
  }
  return debsIn(folder);
}
