import { access, constants, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { errnoOf } from "../../core/errors.ts";
import type { ChipCandidate } from "./chip-lookup.ts";

export interface SysfsChip extends ChipCandidate {
  readonly sysfsName: string;
  readonly lines: number;
  /** Number of the chip's first line in the kernel's global numbering: 0, 512 or anything else. */
  readonly base: number;
}

const CHIP_NAME = /^gpiochip\d+$/;
/** udev hands an exported line to its group up to a second later. */
const ACCESS_WAIT_MS = 2000;
const ACCESS_POLL_MS = 20;

async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}

/** The character device belongs to the same parent as the entry in the class folder, or is that parent itself. */
async function readDeviceNames(chipPath: string): Promise<readonly string[]> {
  try {
    const parent = await realpath(join(chipPath, "device"));
    if (CHIP_NAME.test(basename(parent))) return [basename(parent)];
    return (await readdir(parent)).filter((name) => CHIP_NAME.test(name));
  } catch {
    return [];
  }
}

async function readChip(root: string, sysfsName: string): Promise<SysfsChip | undefined> {
  const path = join(root, sysfsName);
  try {
    const base = Number(await readText(join(path, "base")));
    const lines = Number(await readText(join(path, "ngpio")));
    const label = await readText(join(path, "label"));
    if (!Number.isInteger(base) || !Number.isInteger(lines)) return undefined;
    return { sysfsName, base, lines, label, deviceNames: await readDeviceNames(path) };
  } catch {
    // Unplugged between listing and reading.
    return undefined;
  }
}

/** The chips of `/sys/class/gpio`, lowest base first; none where the kernel has no such folder. */
export async function readSysfsChips(root: string): Promise<readonly SysfsChip[]> {
  const names = await readdir(root).catch(() => []);
  const chips = await Promise.all(
    names.filter((name) => CHIP_NAME.test(name)).map((name) => readChip(root, name)),
  );
  return chips.filter((chip) => chip !== undefined).sort((a, b) => a.base - b.base);
}

async function isPresent(path: string): Promise<boolean> {
  return await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** The files of one exported line. Failures are those of the operating system. */
export interface SysfsLineFiles {
  readonly number: number;
  /** False when the line was exported before: by an earlier run that was killed, or by another program. */
  readonly isExportedByUs: boolean;
  readonly hasEdges: boolean;
  readDirection(): Promise<string>;
  /** The physical level, whatever polarity an earlier user left behind. */
  readPhysicalLevel(): Promise<boolean>;
  unexport(): Promise<void>;
}

async function waitForAccess(paths: readonly string[], clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + ACCESS_WAIT_MS;
  for (;;) {
    try {
      for (const path of paths) await access(path, constants.R_OK | constants.W_OK);
      return;
    } catch (error) {
      const mayPass = errnoOf(error) === "EACCES" || errnoOf(error) === "ENOENT";
      if (!mayPass || clock.monotonic() >= deadline) throw error;
    }
    await sleep(clock, ACCESS_POLL_MS);
  }
}

/** Exports a line and waits until its files may be used. */
export async function exportLine(
  root: string,
  number: number,
  clock: Clock,
): Promise<SysfsLineFiles> {
  const path = join(root, `gpio${number}`);
  const unexport = (): Promise<void> => writeFile(join(root, "unexport"), `${number}`);
  const isExportedByUs = !(await isPresent(path));
  if (isExportedByUs) await writeFile(join(root, "export"), `${number}`);
  try {
    await waitForAccess([join(path, "value"), join(path, "direction")], clock);
  } catch (error) {
    if (isExportedByUs) await unexport().catch(() => undefined);
    throw error;
  }
  return {
    number,
    isExportedByUs,
    hasEdges: await isPresent(join(path, "edge")),
    readDirection: () => readText(join(path, "direction")),
    async readPhysicalLevel() {
      const isActiveLow = (await readText(join(path, "active_low"))) === "1";
      return ((await readText(join(path, "value"))) === "1") !== isActiveLow;
    },
    unexport,
  };
}
