import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../support/source-tree.ts";

/** Bundles a module with the daemon's options, in a folder of its own, and prints what it prints. */
const RUNNER = `
  import { mkdtempSync, rmSync } from "node:fs";
  import { build } from "esbuild";
  import { buildOptions } from "./scripts/bundle.mjs";
  const outdir = mkdtempSync("node_modules/.farhand-bundle-");
  try {
    await build({
      ...buildOptions,
      entryPoints: [],
      stdin: { contents: process.argv[1], resolveDir: process.cwd() },
      outdir,
    });
    await import(process.cwd() + "/" + outdir + "/stdin.js");
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
`;

function printedBundled(source: string): string {
  return execFileSync(process.execPath, ["--input-type=module", "-e", RUNNER, source], {
    cwd: REPOSITORY,
    encoding: "utf8",
  }).trim();
}

describe("the bundle", () => {
  it.each([
    ["systeminformation", "cpu"],
    ["pino-pretty", "prettyFactory"],
    ["yaml", "parse"],
    ["bcryptjs", "compare"],
    ["@grpc/grpc-js", "loadPackageDefinition"],
  ])("gives a dynamic import of %s its named export %s", (name, exported) => {
    const source = `const { ${exported} } = await import("${name}"); console.log(typeof ${exported});`;
    expect(printedBundled(source)).toBe("function");
  });

  it("keeps the default export of a CommonJS package, even of one that cannot be looked into", () => {
    const source = `
      const { default: yaml } = await import("yaml");
      await import("reflect-metadata");
      const { default: x509 } = await import("@peculiar/x509");
      console.log(typeof yaml.parse, typeof x509.cryptoProvider);
    `;
    expect(printedBundled(source)).toBe("function object");
  });
});
