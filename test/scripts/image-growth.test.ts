import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readLayout } from "../../scripts/image/base.mjs";
import { MIB, diskImage } from "../support/disk-image.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { tempDir } from "../support/temp-dir.ts";

type Label = "dos" | "gpt";

/** Real disks need root and a kernel with loop devices. */
const hasDisks =
  process.getuid?.() === 0 &&
  existsSync("/dev/loop-control") &&
  ["/usr/sbin/sfdisk", "/usr/sbin/resize2fs", "/usr/bin/partx"].every((path) => existsSync(path));

const PROGRAM = join(REPOSITORY, "scripts/image/board/grow.mjs");
/** Mounted for this process only, so that nothing stays mounted. */
const SCRIPT = `mount "$1" "$2" && exec "$NODE" --input-type=module -e '
const { growMounted } = await import(process.env.PROGRAM);
growMounted(process.argv[1]);
' "$2"`;

const disks: string[] = [];

afterEach(() => {
  for (const disk of disks.splice(0)) {
    spawnSync("partx", ["--delete", disk]);
    spawnSync("losetup", ["--detach", disk]);
  }
});

/** The image as a disk of this computer, with its partitions. */
function attach(image: string): string {
  const disk = execFileSync("losetup", ["--find", "--show", image], { encoding: "utf8" }).trim();
  disks.push(disk);
  execFileSync("partx", ["--add", disk]);
  return disk;
}

interface Growth {
  readonly status: number | null;
  readonly errors: string;
  /** Partitions whose file system was to be made as large as they are. */
  readonly resized: readonly string[];
}

/**
 * Lets the mounted root of a disk grow. Few containers may make a mounted file system larger, so that it is only asked for.
 * @param broken a program that fails
 */
function grow(disk: string, root: number, broken = ""): Growth {
  const folder = tempDir();
  const log = join(folder, "log");
  const programs = { resize2fs: `echo "$1" >> ${log}`, [broken]: "echo broken >&2; exit 1" };
  for (const [name, text] of Object.entries(programs)) {
    if (name !== "") writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  const place = join(folder, "root");
  mkdirSync(place);
  const path = `${folder}:${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM, PATH: path };
  const args = ["--mount", "sh", "-c", SCRIPT, "sh", `${disk}p${root}`, place];
  const { status, stderr } = spawnSync("unshare", args, { encoding: "utf8", env });
  const resized = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  return { status, errors: stderr, resized };
}

/** A card larger than the image that was written to it. */
function card(label: Label, more: number): { image: string; root: number; end: number } {
  const image = diskImage(label);
  truncateSync(image, statSync(image).size + more);
  const { root } = readLayout(image);
  return { image, root: root.number, end: root.offset + root.size };
}

const endOf = (image: string): number => {
  const { root } = readLayout(image);
  return root.offset + root.size;
};

/** Its file system takes what there is, and nothing is wrong in it. */
function expectWhole(disk: string, root: number, image: string): void {
  const checked = spawnSync("e2fsck", ["-fy", `${disk}p${root}`], { encoding: "utf8" });
  expect(checked).toMatchObject({ status: 0 });
  execFileSync("resize2fs", [`${disk}p${root}`], { stdio: "pipe" });
  const said = execFileSync("dumpe2fs", ["-h", `${disk}p${root}`], {
    encoding: "utf8",
    stdio: "pipe",
  });
  const field = (name: string) => Number(new RegExp(`^${name}: +(\\d+)$`, "m").exec(said)?.[1]);
  expect(field("Block count") * field("Block size")).toBeGreaterThan(
    statSync(image).size - 24 * MIB,
  );
}

describe.runIf(hasDisks)("the last file system of a card", () => {
  it.each(["dos", "gpt"] as const)("takes the whole card while it is in use, once: %s", (label) => {
    const { image, root } = card(label, 128 * MIB);
    const disk = attach(image);
    expect(grow(disk, root)).toMatchObject({ status: 0, resized: [`${disk}p${root}`] });
    expect(endOf(image)).toBeGreaterThan(statSync(image).size - 2 * MIB);
    const verified = spawnSync("sfdisk", ["--verify", image], { encoding: "utf8" });
    expect(verified.stdout).toMatch(/No errors detected/);
    const table = execFileSync("sfdisk", ["--dump", image], { encoding: "utf8" });
    expectWhole(disk, root, image);
    expect(grow(disk, root).status).toBe(0);
    expect(execFileSync("sfdisk", ["--dump", image], { encoding: "utf8" })).toBe(table);
  });

  it("is left alone where there is next to nothing to take", () => {
    const { image, root, end } = card("gpt", 8 * MIB);
    expect(grow(attach(image), root).status).toBe(0);
    expect(endOf(image)).toBe(end);
  });

  it.each(["dos", "gpt"] as const)(
    "stays as it is when another one comes behind it: %s",
    (label) => {
      const { image, root } = card(label, 256 * MIB);
      if (label === "gpt") execFileSync("sfdisk", ["-q", "--relocate", "gpt-bak-std", image]);
      const another = "start=200MiB, size=16MiB, type=L\n";
      execFileSync("sfdisk", ["-q", "--append", image], { input: another });
      const table = execFileSync("sfdisk", ["--dump", image], { encoding: "utf8" });
      expect(grow(attach(image), root).status).toBe(0);
      expect(execFileSync("sfdisk", ["--dump", image], { encoding: "utf8" })).toBe(table);
    },
  );

  it.each(["sfdisk", "partx", "resize2fs"])(
    "is intact when %s fails, and larger the next time",
    (program) => {
      const { image, root } = card("gpt", 128 * MIB);
      const disk = attach(image);
      const failed = grow(disk, root, program);
      expect(failed.errors).toContain(`${program}: broken`);
      const checked = spawnSync("e2fsck", ["-fn", `${disk}p${root}`], { encoding: "utf8" });
      expect(checked).toMatchObject({ status: 0 });
      expect(grow(disk, root)).toMatchObject({ status: 0, resized: [`${disk}p${root}`] });
      expectWhole(disk, root, image);
    },
  );
});
