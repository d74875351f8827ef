// What a release consists of, and the signature over it. Only Node's own modules: it runs anywhere.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { isVersion } from "./versions.mjs";

export const PRODUCT = "farhand";
export const MANIFEST = "release.json";
export const SIGNATURE = "release.json.sig";

/** Before the signed bytes, so that a signature made for anything else with the same key is worth nothing here. */
const PURPOSE = "farhand release manifest 1\n";
const ED25519_BYTES = 64;

/** @typedef {{ name: string, size: number, sha256: string }} ReleaseFile */
/** @typedef {{ format: 1, product: string, version: string, commit: string, date: string, files: readonly ReleaseFile[] }} Manifest */

/** Why a release is not accepted. */
export class ReleaseError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "ReleaseError";
  }
}

/** @param {string} path @returns {Promise<ReleaseFile>} */
export async function describeFile(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const { size } = await stat(path);
  return { name: basename(path), size, sha256: hash.digest("hex") };
}

/** The bytes that are signed and published. @param {Manifest} manifest */
export function encodeManifest(manifest) {
  const files = manifest.files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Buffer.from(`${JSON.stringify({ ...manifest, files }, undefined, 2)}\n`);
}

/** @typedef {import("node:crypto").KeyObject} KeyObject */

/** @param {() => KeyObject} read */
function ed25519Key(read) {
  /** @type {KeyObject} */
  let key;
  try {
    key = read();
  } catch {
    throw new ReleaseError("The key is not a PEM file, or is locked by a passphrase");
  }
  if (key.asymmetricKeyType !== "ed25519") throw new ReleaseError("The key is not an Ed25519 key");
  return key;
}

/** Throws when it cannot sign releases. @param {string} pem */
export const signingKey = (pem) => ed25519Key(() => createPrivateKey(pem));

/** @param {Uint8Array} bytes */
const signed = (bytes) => Buffer.concat([Buffer.from(PURPOSE), bytes]);

/** @param {Uint8Array} bytes @param {string} privateKey PEM @returns {string} text of the signature's file */
export function signManifest(bytes, privateKey) {
  return `${sign(null, signed(bytes), signingKey(privateKey)).toString("base64")}\n`;
}

/** Throws for any signature but that of the key's owner. @param {Uint8Array} bytes @param {string} signature @param {string} publicKey PEM */
export function checkSignature(bytes, signature, publicKey) {
  const key = ed25519Key(() => createPublicKey(publicKey));
  const raw = Buffer.from(signature.trim(), "base64");
  if (raw.length !== ED25519_BYTES) throw new ReleaseError(`${SIGNATURE} holds no signature`);
  if (verify(null, signed(bytes), key, raw)) return;
  throw new ReleaseError(`${MANIFEST} was not signed with this key, or was changed afterwards`);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} value @returns {value is ReleaseFile} */
function isReleaseFile(value) {
  if (!isRecord(value)) return false;
  const { name, size, sha256 } = value;
  // No way out of the release's folder.
  const isName = typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/.test(name);
  const isHash = typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
  return isName && isHash && typeof size === "number" && Number.isInteger(size) && size > 0;
}

/** @param {unknown} value @returns {value is Manifest} */
function isManifest(value) {
  if (!isRecord(value)) return false;
  const { format, product, version, commit, date, files } = value;
  const areTexts = [product, version, commit, date].every((text) => typeof text === "string");
  return format === 1 && areTexts && Array.isArray(files) && files.every(isReleaseFile);
}

/** Understands a manifest whose signature was checked. Throws for everything that is not one. @param {Uint8Array} bytes @returns {Manifest} */
export function parseManifest(bytes) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    throw new ReleaseError(`${MANIFEST} is not JSON`);
  }
  if (!isManifest(value)) throw new ReleaseError(`${MANIFEST} does not describe a release`);
  if (value.product !== PRODUCT) {
    throw new ReleaseError(`This is a release of ${value.product}, not of ${PRODUCT}`);
  }
  if (!isVersion(value.version)) throw new ReleaseError(`${value.version} is not a version`);
  if (value.files.length === 0) throw new ReleaseError("The release has no files");
  const names = new Set(value.files.map(({ name }) => name));
  if (names.size < value.files.length) throw new ReleaseError("The release names a file twice");
  return value;
}
