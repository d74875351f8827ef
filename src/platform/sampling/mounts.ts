import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Mount, MountUsage } from "./port.ts";

/** A sick disk must not hold up the others, nor pile up calls. */
const PATIENCE_MS = 5000;

export interface UsageReader {
  /** Sizes of the mounts, in their order. What cannot be read, or is still being read since last time, is left out. */
  read(mounts: readonly Mount[]): Promise<readonly MountUsage[]>;
}

type Timer = (delayMs: number, callback: () => void) => () => void;

/** Asks the kernel for sizes, each mount by itself. `root` stands before every path. */
export function createUsageReader(root: string, setTimer: Timer): UsageReader {
  /** Mount points whose answer is still out. */
  const waiting = new Set<string>();

  const ask = async (mount: Mount): Promise<MountUsage | undefined> => {
    if (waiting.has(mount.mountPoint)) return undefined;
    waiting.add(mount.mountPoint);
    try {
      const { bsize, blocks, bfree } = await statfs(join(root, mount.mountPoint));
      const totalBytes = blocks * bsize;
      return { ...mount, totalBytes, usedBytes: Math.max(0, totalBytes - bfree * bsize) };
    } catch {
      return undefined;
    } finally {
      waiting.delete(mount.mountPoint);
    }
  };
  return {
    async read(mounts) {
      let cancel: () => void = () => undefined;
      const tooLate = new Promise<undefined>((resolve) => {
        cancel = setTimer(PATIENCE_MS, () => {
          resolve(undefined);
        });
      });
      const answers = await Promise.all(mounts.map((mount) => Promise.race([ask(mount), tooLate])));
      cancel();
      return answers.filter((answer) => answer !== undefined);
    },
  };
}
