// The last file system on the whole card: the root, or the one with what changes. A base that grows by itself has done it already, and nothing is left to do.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

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

/** Sectors behind a partition; none where another one comes. @param {string} disk @param {string} partition their folders in sysfs */
function sectorsBehind(disk, partition) {
  const end = numberIn(join(partition, "start")) + numberIn(join(partition, "size"));
  const starts = readdirSync(disk)
    .map((name) => join(disk, name, "start"))
    .filter((path) => existsSync(path))
    .map(numberIn);
  return starts.some((start) => start >= end) ? 0 : numberIn(join(disk, "size")) - end;
}

/**
 * Throws when a program fails; what there was is intact then, and the next time goes on from there.
 * @param {string} folder where the file system is mounted
 * @returns {string | undefined} name of its disk, when it has become larger
 */
export function growMounted(folder) {
  const [source = "", options = ""] = run("findmnt", ["-nvo", "SOURCE,OPTIONS", folder]).split(
    / +/,
  );
  if (!source.startsWith("/dev/") || options.startsWith("ro")) return undefined;
  const partition = basename(realpathSync(source));
  const place = realpathSync(`/sys/class/block/${partition}`);
  const disk = basename(dirname(place));
  if (disk === "block") return undefined;
  if (sectorsBehind(dirname(place), place) >= LEAST_SECTORS) {
    const number = numberIn(`${place}/partition`);
    // A GPT has its copy where the smaller disk ended; other tables have none.
    const quiet = ["--no-reread", "--no-tell-kernel", "-q"];
    spawnSync("sfdisk", [...quiet, "--relocate", "gpt-bak-std", `/dev/${disk}`]);
    run("sfdisk", [...quiet, "-N", `${number}`, `/dev/${disk}`], ", +\n");
    run("partx", ["--update", "--nr", `${number}`, `/dev/${disk}`]);
  }
  const { blocks } = statfsSync(folder);
  // Also where the power failed after the partition had grown.
  run("resize2fs", [`/dev/${partition}`]);
  return statfsSync(folder).blocks > blocks ? disk : undefined;
}

/** The one with all that changes, where the root is only read. */
const DATA = "/data";

/** @param {(text: string) => void} tell */
export function growLast(tell) {
  const isApart = readFileSync("/proc/self/mounts", "utf8").includes(` ${DATA} ext4 `);
  const disk = growMounted(isApart ? DATA : "/");
  if (disk === undefined) return;
  tell(
    isApart
      ? `what changes now has the rest of ${disk}`
      : `the system now has the whole of ${disk}`,
  );
}
