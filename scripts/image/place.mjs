// Where a new image goes: what must not be replaced there, and whether there is room.
import { spawnSync } from "node:child_process";
import { realpathSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DATA_BYTES } from "./read-only.mjs";
import { ROOM } from "./customise.mjs";

/** An image that was made before is replaced. @param {string} out @param {string} base */
export function checkPlace(out, base) {
  const status = statSync(out, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isFile()) {
    throw new Error(
      `${out} is not a file. Name a file for the image; it is written to a card when it is made`,
    );
  }
  if (realpathSync(out) === realpathSync(base)) {
    throw new Error("The base is not changed: name another file with --out");
  }
}

/** Bytes of the image in a file. @param {string} base */
function unpackedSize(base) {
  if (!base.endsWith(".xz")) return statSync(base).size;
  const { stdout, status } = spawnSync("xz", ["--robot", "--list", base], { encoding: "utf8" });
  const [, bytes] = /^totals(?:\t\d+){3}\t(\d+)/m.exec(stdout) ?? [];
  if (status === 0 && bytes !== undefined) return Number(bytes);
  throw new Error(`${base} is not an xz file, or was not downloaded to its end`);
}

const gigabytes = (/** @type {number} */ bytes) => `${(bytes / 1e9).toFixed(1)} GB`;

/** Throws when the image would not fit. @param {{ base: string, out: string, isReadOnly: boolean }} wanted */
export function checkSpace({ base, out, isReadOnly }) {
  const needed = unpackedSize(base) + ROOM + (isReadOnly ? DATA_BYTES : 0);
  const folder = dirname(out);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new Error(
    `The image needs ${gigabytes(needed)} in ${folder}, and there are ${gigabytes(bavail * bsize)}`,
  );
}
