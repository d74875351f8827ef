import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { REPOSITORY } from "./source-tree.ts";
import { tempDir } from "./temp-dir.ts";

/**
 * Bundles a program of this folder, for what only a process of its own shows; the result runs it with Node's arguments
 * and its own ones, and returns what it printed.
 */
export async function buildProgram(
  name: string,
): Promise<(nodeArgs: readonly string[], ...args: string[]) => string> {
  const outfile = join(tempDir(), "child.mjs");
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: [`test/support/${name}`],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  return (nodeArgs, ...args) =>
    execFileSync(process.execPath, [...nodeArgs, outfile, ...args], { encoding: "utf8" });
}
