// The package farhand-runtime: a Node.js for releases whose own is too old.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { MAINTAINER, changelogOf, copyrightOf } from "./documents.mjs";
import { makeDeb, withFolder, withTree } from "./deb.mjs";
import { ROOT } from "../root.mjs";
import { npmPackage, publish, WORK } from "./npm-archive.mjs";
import { run } from "./host-tools.mjs";
import { NODE, NODE_INTEGRITY } from "./targets.mjs";

/** @typedef {import("./targets.mjs").Target} Target */

export const RUNTIME_PROGRAM = "usr/lib/farhand-runtime/bin/node";
const OVERRIDES = join(ROOT, "system/debian/farhand-runtime.lintian-overrides");
/** The package changes with its version only, not with ours. */
const DATE = Date.UTC(2026, 0, 1) / 1000;

/** @param {Target} target */
function nodePackage({ node }) {
  const name = `node-linux-${node}`;
  return npmPackage(name, NODE.version, NODE_INTEGRITY[name] ?? "");
}

/** @param {Target} target */
function fieldsFor({ arch }) {
  return {
    Package: "farhand-runtime",
    Version: NODE.version,
    Architecture: arch,
    Maintainer: MAINTAINER,
    Section: "javascript",
    Priority: "optional",
    Depends: "libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1 (>= 4.2), libatomic1 (>= 4.8)",
    Description: [
      "JavaScript engine for Farhand on older releases",
      " A program of Node.js for the KVM-over-IP daemon Farhand, where the release's",
      " own package nodejs is too old. It lies in a folder of its own and is used by",
      " nothing else.",
    ].join("\n"),
  };
}

/** The first quoted part; after it come those of the libraries inside. @param {string} text */
function ownLicense(text) {
  const own = /"""\n([^]*?)\n"""/.exec(text)?.[1];
  if (own === undefined) throw new Error("The license of Node.js has another form than known");
  return own;
}

/** @param {Target} target @param {string} tree @param {{ out: string, isSteady: boolean }} options */
function build(target, tree, options) {
  const source = nodePackage(target);
  const program = join(tree, RUNTIME_PROGRAM);
  const documents = join(tree, "usr/share/doc/farhand-runtime");
  const overrides = join(tree, "usr/share/lintian/overrides");
  for (const folder of [dirname(program), documents, overrides]) {
    mkdirSync(folder, { recursive: true });
  }
  cpSync(join(source, "bin", "node"), program);
  run(`${target.triplet}-strip`, ["--strip-unneeded", program]);
  cpSync(OVERRIDES, join(overrides, "farhand-runtime"));
  const license = readFileSync(join(source, "LICENSE"), "utf8");
  const texts = {
    copyright: copyrightOf("Node.js", `${NODE.years} Node.js contributors`, ownLicense(license)),
    "third-party-licenses.txt.gz": gzipSync(license, { level: 9 }),
    "changelog.gz": gzipSync(changelogOf("farhand-runtime", NODE.version, DATE), { level: 9 }),
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(documents, name), text);
  return makeDeb({
    tree,
    fields: fieldsFor(target),
    programs: [RUNTIME_PROGRAM],
    date: DATE,
    ...options,
  });
}

/**
 * Made once for each version: packing it takes longer than everything else.
 * @param {Target} target
 * @param {{ out: string, isSteady: boolean }} options
 * @returns {Promise<string>} path of the package
 */
export async function makeRuntimePackage(target, { out, isSteady }) {
  const hash = createHash("sha256").update(`${target.arch} ${NODE.version} ${DATE} ${isSteady}`);
  for (const file of [OVERRIDES, fileURLToPath(import.meta.url)]) hash.update(readFileSync(file));
  const kept = join(WORK, "runtime", hash.digest("hex").slice(0, 16));
  if (!existsSync(kept)) {
    await withFolder(`${kept}.part-`, async (part) => {
      await withTree(`runtime-${target.arch}`, (tree) =>
        build(target, tree, { out: part, isSteady }),
      );
      publish(part, kept);
    });
  }
  const [name = ""] = readdirSync(kept);
  mkdirSync(out, { recursive: true });
  cpSync(join(kept, name), join(out, name));
  return join(out, name);
}
