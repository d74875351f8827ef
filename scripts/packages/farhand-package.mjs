// The package farhand: program, units, accounts, rules and documents.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../root.mjs";
import { checkLibc, neededLibc } from "./addons.mjs";
import { filesBelow, makeDeb, withTree } from "./deb.mjs";
import { changelogOf, copyrightOf, licensesOf, MAINTAINER } from "./documents.mjs";
import { installProgram } from "./program.mjs";
import { RUNTIME_PROGRAM } from "./runtime-package.mjs";

/** @typedef {import("./targets.mjs").Target} Target */

const SYSTEM = join(ROOT, "system");
const DEBIAN = join(SYSTEM, "debian");
const DOCUMENTS = "usr/share/doc/farhand";
const SCRIPTS = ["preinst", "postinst", "prerm", "postrm"];

/** Where the files of `system` go. @type {Readonly<Record<string, string>>} */
const FILES = {
  "debian/farhand": "usr/bin/farhand",
  "debian/farhand.sysusers": "usr/lib/sysusers.d/farhand.conf",
  "debian/farhand.tmpfiles": "usr/lib/tmpfiles.d/farhand.conf",
  "debian/farhand.modules-load": "usr/lib/modules-load.d/farhand.conf",
  "debian/farhand.sysctl": "usr/lib/sysctl.d/60-farhand.conf",
  "debian/farhand.rules": "usr/lib/udev/rules.d/60-farhand.rules",
  "debian/farhand.1": "usr/share/man/man1/farhand.1",
  "farhand.service": "usr/lib/systemd/system/farhand.service",
  "farhand-gadget.service": "usr/lib/systemd/system/farhand-gadget.service",
  "config.schema.json": "usr/lib/farhand/system/config.schema.json",
  "README.md": `${DOCUMENTS}/README.md`,
  "README.zh-CN.md": `${DOCUMENTS}/README.zh-CN.md`,
};

/** @returns {string} */
export function projectVersion() {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  // A pre-release comes before its release.
  return version.replace("-", "~");
}

/** @param {string} path @param {string | Uint8Array} content */
function put(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** @param {string} text */
const gzip = (text) => gzipSync(text, { level: 9 });

/** The example, with the folder that the service and everybody's shell agree on. */
export function configuration() {
  const example = readFileSync(join(SYSTEM, "farhand.yaml"), "utf8");
  const text = example
    .replace("$schema=./config.schema.json", "$schema=/usr/lib/farhand/system/config.schema.json")
    .replace('# dataDir: ""', "dataDir: /var/lib/farhand");
  if (!text.includes("\ndataDir: /var/lib/farhand\n")) {
    throw new Error("system/farhand.yaml has no line for dataDir");
  }
  return text;
}

/** @param {string} tree @param {{ date: number, packages: readonly string[] }} options */
function installDocuments(tree, { date, packages }) {
  const folder = join(tree, DOCUMENTS);
  const license = readFileSync(join(ROOT, "LICENSE"), "utf8");
  const holders = /^Copyright \(c\) (.+)$/m.exec(license)?.[1] ?? "The authors of Farhand";
  put(join(folder, "copyright"), copyrightOf("Farhand", holders, license));
  put(join(folder, "third-party-licenses.txt.gz"), gzip(licensesOf(packages)));
  put(join(folder, "changelog.gz"), gzip(changelogOf("farhand", projectVersion(), date)));
  put(join(folder, "NEWS.gz"), gzip(readFileSync(join(SYSTEM, "CHANGELOG.md"), "utf8")));
}

/** Files besides the program. @param {string} tree */
function installSystem(tree) {
  for (const [from, to] of Object.entries(FILES)) {
    const content = readFileSync(join(SYSTEM, from), "utf8");
    if (to.includes("/man/")) put(join(tree, `${to}.gz`), gzip(content));
    else put(join(tree, to), content);
  }
  put(join(tree, "etc/farhand/farhand.yaml"), configuration());
}

/** What the service is started anew after: it would go on with a Node.js that is no more there. */
const TRIGGERS = ["/usr/bin/node", `/${RUNTIME_PROGRAM}`];

/** @returns {Record<string, string>} */
export function maintainerScripts() {
  const version = projectVersion();
  /** @type {Record<string, string>} */
  const scripts = {
    conffiles: "/etc/farhand/farhand.yaml\n",
    triggers: TRIGGERS.map((path) => `interest-noawait ${path}\n`).join(""),
  };
  for (const name of SCRIPTS) {
    const text = readFileSync(join(DEBIAN, name), "utf8");
    scripts[name] = text.replaceAll("@VERSION@", version);
  }
  return scripts;
}

/** @param {Target} target @param {string} libc */
function controlFields({ arch }, libc) {
  return {
    Package: "farhand",
    Version: projectVersion(),
    Architecture: arch,
    Maintainer: MAINTAINER,
    Section: "admin",
    Priority: "optional",
    Depends: [
      "nodejs (>= 20.19) | farhand-runtime",
      `libc6 (>= ${libc})`,
      "libstdc++6 (>= 12)",
      "libgcc-s1 (>= 3.5)",
      "systemd | systemd-standalone-sysusers | systemd-sysusers",
      "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles",
      "init-system-helpers (>= 1.54)",
    ].join(", "),
    Recommends: "ustreamer, ca-certificates, udev",
    Suggests: "ffmpeg, tesseract-ocr, v4l-utils",
    Description: [
      "KVM over IP with the PiKVM API",
      " Farhand turns a small board into a KVM over IP: it types on, points at,",
      " switches on and watches another computer across the network. Programs made",
      " for PiKVM talk to it unchanged. It can also report to monitoring servers,",
      " watch a fleet of machines, and be a node of a proxy panel.",
    ].join("\n"),
  };
}

/** @typedef {{ out: string, date: number, suite: string, isSteady: boolean }} PackageOptions */

/** @param {Target} target @param {string} tree @param {PackageOptions} options */
async function build(target, tree, { out, date, suite, isSteady }) {
  const packages = await installProgram(target, join(tree, "usr/lib/farhand"), isSteady);
  installDocuments(tree, { date, packages });
  installSystem(tree);
  const programs = ["usr/bin/farhand"];
  const libc = neededLibc(
    target,
    filesBelow(tree).filter((file) => file.endsWith(".node")),
  );
  checkLibc(libc, suite);
  const fields = controlFields(target, libc);
  return makeDeb({ tree, fields, scripts: maintainerScripts(), programs, out, date, isSteady });
}

/** @param {Target} target @param {PackageOptions} options @returns {Promise<string>} path of the package */
export async function makeFarhandPackage(target, options) {
  return withTree(`farhand-${target.arch}`, (tree) => build(target, tree, options));
}
