// Whether a folder holds a release as its makers signed it.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  checkSignature,
  describeFile,
  MANIFEST,
  parseManifest,
  ReleaseError,
  SIGNATURE,
} from "./manifest.mjs";
import { compareVersions } from "./versions.mjs";

/** Larger than any description of a release. */
const MANIFEST_LIMIT = 1024 * 1024;

/** @typedef {import("./manifest.mjs").ReleaseFile} ReleaseFile */

/**
 * @typedef {object} VerifyOptions
 * @property {string} publicKey PEM
 * @property {string} [installed] version that must not be gone behind
 * @property {readonly string[]} [only] names of the files to look at; default: all of them
 */

/** A small file, which must be there and hold something. @param {string} folder @param {string} name */
async function readSmall(folder, name) {
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new ReleaseError(`${name} is missing`);
  if (found.size === 0) throw new ReleaseError(`${name} is empty`);
  if (found.size > MANIFEST_LIMIT) throw new ReleaseError(`${name} is too large`);
  return readFile(path);
}

/** @param {string} folder @param {ReleaseFile} wanted */
async function checkFile(folder, { name, size, sha256 }) {
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new ReleaseError(`${name} is missing`);
  if (found.size < size) {
    throw new ReleaseError(`${name} is truncated: ${found.size} of ${size} bytes`);
  }
  const actual = found.size === size ? (await describeFile(path)).sha256 : "";
  if (actual !== sha256) throw new ReleaseError(`${name} is not the file that was released`);
}

/** @param {string} version @param {string} installed */
function checkOrder(version, installed) {
  if (compareVersions(version, installed) >= 0) return;
  throw new ReleaseError(`${version} is older than ${installed}, which is installed`);
}

/** @param {readonly ReleaseFile[]} files @param {readonly string[]} only */
function select(files, only) {
  return only.map((name) => {
    const found = files.find((file) => file.name === name);
    if (found === undefined) throw new ReleaseError(`${name} is not part of the release`);
    return found;
  });
}

/** Rejects with `ReleaseError` for anything but a release as it was signed. @param {string} folder @param {VerifyOptions} options */
export async function verifyRelease(folder, { publicKey, installed, only }) {
  const [bytes, signature] = [
    await readSmall(folder, MANIFEST),
    await readSmall(folder, SIGNATURE),
  ];
  checkSignature(bytes, signature.toString("utf8"), publicKey);
  const manifest = parseManifest(bytes);
  if (installed !== undefined) checkOrder(manifest.version, installed);
  const names = new Set([MANIFEST, SIGNATURE, ...manifest.files.map(({ name }) => name)]);
  if (only === undefined) {
    const stranger = (await readdir(folder)).find((name) => !names.has(name));
    if (stranger !== undefined) throw new ReleaseError(`${stranger} is not part of the release`);
  }
  const files = only === undefined ? manifest.files : select(manifest.files, only);
  for (const file of files) await checkFile(folder, file);
  return manifest;
}
