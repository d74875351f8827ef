import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildOptions } from "../../scripts/bundle.mjs";
import { REPOSITORY } from "../support/source-tree.ts";

/** Bundles a module with the daemon's options, runs it and gives its default export. */
async function runBundled(source: string): Promise<unknown> {
  const outdir = mkdtempSync(join(REPOSITORY, "node_modules", ".farhand-bundle-"));
  onTestFinished(() => {
    rmSync(outdir, { recursive: true, force: true });
  });
  await build({
    ...buildOptions,
    entryPoints: [],
    stdin: { contents: source, resolveDir: REPOSITORY, sourcefile: "main.js" },
    outdir,
    entryNames: "main",
  });
  const module: { default: unknown } = await import(pathToFileURL(join(outdir, "main.js")).href);
  return module.default;
}

describe("the bundle", () => {
  it.each([
    ["systeminformation", "cpu"],
    ["pino-pretty", "prettyFactory"],
    ["yaml", "parse"],
    ["bcryptjs", "compare"],
  ])("gives a dynamic import of %s its named export %s", async (name, exported) => {
    const kind = await runBundled(
      `const { ${exported} } = await import("${name}"); export default typeof ${exported};`,
    );
    expect(kind).toBe("function");
  });

  it("keeps the default export of a CommonJS package", async () => {
    const kind = await runBundled(
      `const { default: all } = await import("yaml"); export default typeof all.parse;`,
    );
    expect(kind).toBe("function");
  });
});
