import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

const FIRST_SIZE = 4096;
const LARGEST_SIZE = 4 * 1024 * 1024;

/** Files of /proc that are read again and again. */
export interface ProcText {
  /** The present text; undefined when the file cannot be read. */
  read(path: string): string | undefined;
  close(): void;
}

/**
 * Keeps the files open: reading from the start makes the kernel write them anew and costs a fraction of opening them.
 * `root` stands before every path.
 */
export function createProcText(root = "/"): ProcText {
  const open = new Map<string, number>();
  let buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);

  const readAll = (fd: number): string => {
    let length = 0;
    for (;;) {
      const count = readSync(fd, buffer, length, buffer.length - length, length);
      length += count;
      if (count === 0) return buffer.toString("latin1", 0, length);
      if (length < buffer.length) continue;
      if (length >= LARGEST_SIZE) return buffer.toString("latin1", 0, length);
      const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
      buffer.copy(larger);
      buffer = larger;
    }
  };
  const close = (path: string): void => {
    const fd = open.get(path);
    if (fd !== undefined) closeSync(fd);
    open.delete(path);
  };
  return {
    read(path) {
      try {
        let fd = open.get(path);
        if (fd === undefined) {
          fd = openSync(join(root, path), "r");
          open.set(path, fd);
        }
        return readAll(fd);
      } catch {
        close(path);
        return undefined;
      }
    },
    close() {
      for (const path of open.keys()) close(path);
    },
  };
}
