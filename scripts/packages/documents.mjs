// What stands in /usr/share/doc.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const MAINTAINER = "The Farhand project <farhand@users.noreply.github.com>";

/** @param {string} text */
const indented = (text) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
    .join("\n");

/** A file in Debian's form that carries a license as it stands. @param {string} title @param {string} holders @param {string} license */
export function copyrightOf(title, holders, license) {
  return [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    `Upstream-Name: ${title}`,
    "",
    "Files: *",
    `Copyright: ${holders}`,
    `License: ${title.replaceAll(/[^A-Za-z0-9.+-]/g, "-")}`,
    indented(license),
    "",
  ].join("\n");
}

/** Debian's form, which programs read; what is new stands in the project's own. @param {string} name @param {string} version @param {number} date */
export function changelogOf(name, version, date) {
  const day = new Date(date * 1000).toUTCString().replace("GMT", "+0000");
  return `${name} (${version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${MAINTAINER}  ${day}\n`;
}

/** @param {string} folder */
function licenseText(folder) {
  const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)(\.|$)/i.test(file));
  return name === undefined ? "" : readFileSync(join(folder, name), "utf8").trim();
}

/**
 * Licenses of the packages that are part of the program.
 * @param {readonly string[]} folders of the packages
 */
export function licensesOf(folders) {
  const texts = folders
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => {
      /** @type {{ name: string, version: string, license?: string }} */
      const {
        name,
        version,
        license = "see below",
      } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return `${name} ${version}: ${license}\n\n${licenseText(folder)}\n`;
    });
  return texts.join(`\n${"-".repeat(78)}\n\n`);
}
