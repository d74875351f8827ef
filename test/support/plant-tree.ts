import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** Contents by absolute path. */
export type TreeFiles = Readonly<Record<string, string>>;

/** Writes further files into a planted tree. */
export function graft(root: string, files: TreeFiles): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A copy of a machine's files in a temporary folder, to be read in place of `/`. */
export function plantTree(files: TreeFiles): string {
  const root = tempDir();
  graft(root, files);
  return root;
}
