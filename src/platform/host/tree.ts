import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The small text files of /proc and /sys. They live in memory, so reading them at once costs microseconds. Everything
 * that cannot be read counts as absent: sensors come and go, and some answer with an error instead of a value.
 */
export interface FileTree {
  /** Without surrounding white space and NUL bytes; undefined when absent or empty. */
  text(path: string): string | undefined;
  /** A decimal number. */
  number(path: string): number | undefined;
  /** Entries between NUL bytes, as device-tree lists have them. */
  entries(path: string): readonly string[];
  /** Sorted names inside a folder. */
  list(folder: string): readonly string[];
}

const EDGES = /^[\s\0]+|[\s\0]+$/g;

/** `root` stands before every path, so that a copied tree can be read instead of this machine's. */
export function createFileTree(root = "/"): FileTree {
  const raw = (path: string): string | undefined => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      return undefined;
    }
  };
  const text = (path: string): string | undefined => {
    const content = raw(path)?.replaceAll(EDGES, "");
    return content === "" ? undefined : content;
  };
  return {
    text,
    number(path) {
      const content = text(path);
      const value = content === undefined ? Number.NaN : Number(content);
      return Number.isFinite(value) ? value : undefined;
    },
    entries: (path) =>
      raw(path)
        ?.split("\0")
        .filter((entry) => entry.trim() !== "") ?? [],
    list(folder) {
      try {
        return readdirSync(join(root, folder)).sort((a, b) =>
          a.localeCompare(b, "en", { numeric: true }),
        );
      } catch {
        return [];
      }
    },
  };
}
