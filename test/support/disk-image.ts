import { execFileSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

export const MIB = 1024 * 1024;

/** A disk as Debian publishes it: the first partition of the table comes last, behind that for the firmware. */
export function diskImage(label: "dos" | "gpt"): string {
  const image = join(tempDir(), "disk.img");
  writeFileSync(image, "");
  truncateSync(image, 100 * MIB);
  const [boot, root] = label === "gpt" ? [15, 1] : [1, 2];
  const fat = label === "gpt" ? "U" : "c";
  const table = `label: ${label}\npart${boot}: start=4MiB, size=16MiB, type=${fat}\npart${root}: start=20MiB, size=64MiB, type=L\n`;
  execFileSync("sfdisk", ["-q", image], { input: table });
  const place = ["-E", `offset=${20 * MIB}`, image, "64M"];
  execFileSync("mkfs.ext4", ["-q", "-F", "-L", "root", ...place]);
  return image;
}
