// The package farhand-runtime: a Node.js for releases whose own is too old.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { MAINTAINER, changelogOf, copyrightOf } from "./documents.mjs";
import { makeDeb } from "./deb.mjs";
import { npmPackage, WORK } from "./npm-archive.mjs";
import { run } from "./host-tools.mjs";
import { NODE, NODE_INTEGRITY } from "./targets.mjs";

const PLACE = "usr/lib/farhand-runtime";

/**
 * @param {import("./targets.mjs").Target} target
 * @param {{ out: string, date: number }} options
 */
export function makeRuntimePackage(target, { out, date }) {
  const name = `node-linux-${target.node}`;
  const source = npmPackage(name, NODE.version, NODE_INTEGRITY[name] ?? "");
  const tree = join(WORK, `runtime-${target.arch}`);
  rmSync(tree, { recursive: true, force: true });
  const program = `${PLACE}/bin/node`;
  mkdirSync(join(tree, PLACE, "bin"), { recursive: true });
  cpSync(join(source, "bin", "node"), join(tree, program));
  run(`${target.triplet}-strip`, ["--strip-unneeded", join(tree, program)]);
  const documents = join(tree, "usr/share/doc/farhand-runtime");
  mkdirSync(documents, { recursive: true });
  const license = readFileSync(join(source, "LICENSE"), "utf8");
  writeFileSync(join(documents, "copyright"), copyrightOf("Node.js", license));
  const fields = {
    Package: "farhand-runtime",
    Version: NODE.version,
    Architecture: target.arch,
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
  const change = changelogOf("farhand-runtime", NODE.version, date);
  writeFileSync(join(documents, "changelog.gz"), gzipSync(change, { level: 9 }));
  return makeDeb({ tree, fields, programs: [program], out, date });
}
