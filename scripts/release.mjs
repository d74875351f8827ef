// Makes a release: the source archive of the commit and the packages of every processor, made of that archive alone,
// described and signed. The same tag gives the same bytes on every computer with the same Debian and Node.js, whose
// compilers and compressors are used.
import "./node-version.mjs";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, join, resolve, sep } from "node:path";
import { readOptions, refuse } from "./options.mjs";
import { withFolder } from "./packages/deb.mjs";
import { WORK } from "./packages/npm-archive.mjs";
import { run, runLong } from "./packages/host-tools.mjs";
import { ARCHITECTURES } from "./packages/targets.mjs";
import {
  describeFile,
  encodeManifest,
  MANIFEST,
  parseManifest,
  PRODUCT,
  SIGNATURE,
  signingKey,
  signManifest,
} from "./release/manifest.mjs";
import { ROOT } from "./root.mjs";
import { run as runHere } from "./workspace.mjs";

const OUT = join(WORK, "release");
const USAGE = `Usage: node scripts/release.mjs --key FILE
         [--out FOLDER]       else beside this project's other products
         [--arch ARCH ...]    only packages of these processors (${ARCHITECTURES.join(", ")})
         [--add FILE ...]     more files of the release, such as images
         [--twice]            makes everything again elsewhere and compares
         [--untagged]         to try it: takes a commit without its tag; what is not committed is left out
         [--no-proofs]        to try it: signs without the proofs
       node scripts/release.mjs --make-key FILE
         makes a private key, and the public one beside it as FILE.pub`;
const { values } = readOptions(USAGE, {
  options: {
    key: { type: "string" },
    out: { type: "string", default: OUT },
    arch: { type: "string", multiple: true, default: ARCHITECTURES },
    add: { type: "string", multiple: true, default: [] },
    untagged: { type: "boolean", default: false },
    twice: { type: "boolean", default: false },
    "no-proofs": { type: "boolean", default: false },
    "make-key": { type: "string" },
  },
});

/** @param {...string} args */
const git = (...args) => run("git", args, { cwd: ROOT }).trim();

/** @param {string} file */
function makeKey(file) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const secret = privateKey.export({ type: "pkcs8", format: "pem" });
  writeFileSync(file, secret, { mode: 0o600, flag: "wx" });
  writeFileSync(`${file}.pub`, publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" });
  chmodSync(file, 0o600);
  console.log(`${file} signs releases: keep it secret, and off this machine's backups.`);
  console.log(`${file}.pub verifies them: publish it.`);
}

/** @typedef {{ version: string, commit: string, date: number }} Release date: seconds since 1970 */

/** What is checked out; throws when that is not exactly what the tag says. @returns {Release} */
function checkedOut() {
  const commit = git("rev-parse", "HEAD");
  const date = Number(git("log", "-1", "--format=%ct", commit));
  /** @type {{ version: string }} */
  const { version } = JSON.parse(git("show", `${commit}:package.json`));
  if (values.untagged) return { version, commit, date };
  const changes = git("status", "--porcelain");
  if (changes !== "") throw new Error(`There are changes that are not committed:\n${changes}`);
  const tags = git("tag", "--points-at", commit).split("\n");
  if (!tags.includes(`v${version}`)) {
    throw new Error(`The commit is not tagged v${version}; tag it, or try with --untagged`);
  }
  return { version, commit, date };
}

/** Throws when making the folder anew would destroy something else. @param {string} out @param {string} keyFile */
function checkOut(out, keyFile) {
  if (resolve(keyFile).startsWith(`${out}${sep}`)) {
    throw new Error(`The key lies in ${out}, which is made anew: move it elsewhere`);
  }
  if (out === OUT || !existsSync(out) || readdirSync(out).length === 0) return;
  if (existsSync(join(out, MANIFEST))) return;
  throw new Error(`${out} holds something that is no release: name another folder with --out`);
}

/** Packs what is committed, whatever this machine's own settings of git say. @param {string} file @param {Release} release */
function packSource(file, { version, commit }) {
  const settings = ["tar.umask=0002", "tar.tar.gz.command=gzip -n", "core.autocrlf=false"];
  const options = ["archive", "--format=tar.gz", `--prefix=farhand-${version}/`];
  git(...settings.flatMap((setting) => ["-c", setting]), ...options, `--output=${file}`, commit);
}

/** Unpacks the sources, and installs what their lock file names with its checksums. @param {string} source @param {string} root */
async function prepare(source, root) {
  run("tar", ["-xzf", source, "-C", root, "--strip-components=1", "--no-same-owner"]);
  console.log("Installing packages ...");
  // What npm would compile is compiled for each processor later.
  const options = ["--ignore-scripts", "--include=dev", "--include=optional"];
  await runLong("npm", ["ci", ...options], { cwd: root });
}

/**
 * Makes everything away from the checkout, whose packages, caches and changes are no part of a release.
 * @param {string} out
 * @param {Release} release
 */
async function makeArtefacts(out, release) {
  mkdirSync(out, { recursive: true });
  const source = join(out, `farhand-${release.version}.tar.gz`);
  packSource(source, release);
  await withFolder(join(tmpdir(), "farhand-release-"), async (root) => {
    await prepare(source, root);
    const script = join(root, "scripts", "package-deb.mjs");
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(release.date) };
    for (const arch of values.arch) {
      // The same package serves both releases; the runtime is for the older one, where there is one for the processor.
      const suite = arch === "armhf" ? "trixie" : "bookworm";
      const options = ["--arch", arch, "--suite", suite, "--out", out, "--steady"];
      await runLong(process.execPath, [script, ...options], { env });
      console.log(`Made the packages for ${arch}`);
    }
  });
  for (const file of values.add) cpSync(resolve(file), join(out, basename(file)));
}

/** @param {string} folder */
const describeAll = (folder) =>
  Promise.all(readdirSync(folder).map((name) => describeFile(join(folder, name))));

/** Makes everything once more, and throws when a byte differs. @param {string} out @param {Release} release */
async function checkReproducible(out, release) {
  await withFolder(join(tmpdir(), "farhand-again-"), async (again) => {
    await makeArtefacts(again, release);
    const second = await describeAll(again);
    const first = await describeAll(out);
    const other = first.find(
      ({ name, sha256 }) => second.find((file) => file.name === name)?.sha256 !== sha256,
    );
    if (other !== undefined) throw new Error(`${other.name} differs when it is made again`);
    console.log(`Made twice: ${first.length} files with the same bytes`);
  });
}

/** What has to hold before anything is signed, besides the tests. @type {readonly (readonly string[])[]} */
const PROOFS = [
  ["scripts/packages/prove.mjs"],
  // The image of the other processor is proven with every change.
  ["scripts/image/prove.mjs", "--arch", "armhf"],
  ["scripts/packages/prove-container.mjs"],
];
/** Status of a proof that cannot be made on this machine. */
const SKIPPED = 77;

/** Throws when one fails; one that cannot be made here is said. */
async function prove() {
  for (const [script = "", ...args] of PROOFS) {
    if (!existsSync(join(ROOT, script))) continue;
    const status = await runHere(process.execPath, [join(ROOT, script), ...args]);
    if (status === SKIPPED) console.log(`SKIPPED: ${script}, for the reason above`);
    else if (status !== 0) throw new Error(`${script} failed: nothing is signed`);
  }
}

/** Makes, proves and signs. @param {string} out @param {Release} release @param {string} privateKey */
async function fill(out, release, privateKey) {
  await makeArtefacts(out, release);
  if (values.twice) await checkReproducible(out, release);
  if (!values["no-proofs"]) await prove();
  const manifest = encodeManifest({
    format: 1,
    product: PRODUCT,
    version: release.version,
    // What is only tried does not claim to be the version.
    commit: values.untagged ? "untagged" : release.commit,
    date: new Date(release.date * 1000).toISOString(),
    files: await describeAll(out),
  });
  // Nothing is signed that nobody would accept.
  parseManifest(manifest);
  writeFileSync(join(out, MANIFEST), manifest);
  writeFileSync(join(out, SIGNATURE), signManifest(manifest, privateKey));
}

/** @param {string} keyFile */
async function makeRelease(keyFile) {
  const privateKey = readFileSync(keyFile, "utf8");
  signingKey(privateKey);
  const out = resolve(values.out);
  checkOut(out, keyFile);
  const release = checkedOut();
  // An earlier release stays until this one is complete.
  await withFolder(`${out}.part-`, async (part) => {
    const made = join(part, "release");
    await fill(made, release, privateKey);
    rmSync(out, { recursive: true, force: true });
    renameSync(made, out);
  });
  console.log(`Farhand ${release.version} is in ${out}`);
}

try {
  if (values["make-key"] !== undefined) makeKey(values["make-key"]);
  else if (values.key === undefined) refuse(USAGE, "Name the private key with --key");
  else await makeRelease(values.key);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
