// Our package as if it were of another version, to upgrade from or to.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { digest, filesBelow } from "../deb.mjs";
import { run } from "../host-tools.mjs";

/**
 * The program says the other version, too.
 * @param {string} file package `farhand`
 * @param {string} version
 * @param {string} folder of the new one
 * @returns {string} its path
 */
export function asVersion(file, version, folder) {
  const own = run("dpkg-deb", ["-f", file, "Version"]).trim();
  const tree = join(folder, `${basename(file)}.tree`);
  run("dpkg-deb", ["-R", file, tree]);
  const control = join(tree, "DEBIAN");
  const programs = filesBelow(join(tree, "usr/lib/farhand/dist")).filter((path) =>
    path.endsWith(".js"),
  );
  for (const path of [join(control, "control"), join(control, "preinst"), ...programs]) {
    const text = readFileSync(path, "utf8");
    // In programs only as a whole text: parts of them have versions of their own.
    const other = path.endsWith(".js")
      ? text.replaceAll(`"${own.replace("~", "-")}"`, `"${version}"`)
      : text.replaceAll(own, version);
    if (other !== text) replace(tree, path, other);
  }
  const made = join(folder, basename(file).replace(own, version));
  run("dpkg-deb", ["--root-owner-group", "-Zgzip", "-z1", "-b", tree, made]);
  rmSync(tree, { recursive: true });
  return made;
}

/** With its checksum in the package. @param {string} tree @param {string} path @param {string} text */
function replace(tree, path, text) {
  const sums = join(tree, "DEBIAN", "md5sums");
  writeFileSync(path, text);
  const name = relative(tree, path);
  const lines = readFileSync(sums, "utf8")
    .split("\n")
    .map((line) => (line.endsWith(`  ${name}`) ? `${digest("md5", path)}  ${name}` : line));
  writeFileSync(sums, lines.join("\n"));
}
