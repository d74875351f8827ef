// The last file system on the whole card: the root, or the one with what changes. A base that grows by itself has done it already, and nothing is left to do.
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Not worth the risk below this. */
const LEAST_SECTORS = 64 * 2048;

/** @param {string} program @param {readonly string[]} args @param {string} [input] */
function run(program, args, input = "") {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`${program}: ${stderr.trim()}`);
  return stdout.trim();
}

/** @param {string} path */
const numberIn = (path) => Number(readFileSync(path, "utf8"));

/** The one with all that changes, where the root is only read. */
const DATA = "/data";

/**
 * Throws when a program fails; what there was is intact then.
 * @param {(text: string) => void} tell
 */
export function growLast(tell) {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  const isApart = mounts.includes(` ${DATA} ext4 `);
  const source = run("findmnt", ["-nvo", "SOURCE", isApart ? DATA : "/"]);
  if (!source.startsWith("/dev/")) return;
  const partition = basename(realpathSync(source));
  const place = realpathSync(`/sys/class/block/${partition}`);
  const disk = basename(dirname(place));
  if (disk === "block") return;
  const end = numberIn(`${place}/start`) + numberIn(`${place}/size`);
  if (numberIn(`/sys/class/block/${disk}/size`) - end < LEAST_SECTORS) return;
  const number = numberIn(`${place}/partition`);
  // A GPT has its copy where the smaller disk ended; other tables have none.
  const quiet = ["--no-reread", "--no-tell-kernel", "-q"];
  spawnSync("sfdisk", [...quiet, "--relocate", "gpt-bak-std", `/dev/${disk}`]);
  run("sfdisk", [...quiet, "-N", `${number}`, `/dev/${disk}`], ", +\n");
  run("partx", ["--update", "--nr", `${number}`, `/dev/${disk}`]);
  run("resize2fs", [`/dev/${partition}`]);
  tell(
    `${isApart ? "what changes" : "the system"} now has the ${isApart ? "rest" : "whole"} of ${disk}`,
  );
}
