import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { REPOSITORY } from "../source-tree.ts";

// Inside node_modules, so that packages are found, and not in dist, which a build replaces.
const FOLDER = join(REPOSITORY, "node_modules", ".cache", "farhand-fake-core");

/** Makes the fake core a program that can be run; its path. */
export function buildFakeCore(): string {
  const bundle = join(FOLDER, `core-${process.pid}.mjs`);
  const program = join(FOLDER, `xray-${process.pid}`);
  mkdirSync(FOLDER, { recursive: true });
  buildSync({
    entryPoints: [fileURLToPath(new URL("fake-core-program.ts", import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "error",
  });
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
