import { execFileSync } from "node:child_process";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../../support/source-tree.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function buildChild(): Promise<string> {
  const outfile = `${tempDir()}/child.mjs`;
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: ["test/support/large-heap-child.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  return outfile;
}

describe("the space for new objects", () => {
  it("grows when much stays, but not to the utmost where that is limited", async () => {
    const child = await buildChild();
    const megabytes = (word: string): number =>
      Number(execFileSync(process.execPath, [child, word], { encoding: "utf8" }));
    const limited = megabytes("limited");
    expect(limited).toBeGreaterThan(2);
    expect(limited).toBeLessThanOrEqual(16);
    expect(megabytes("free")).toBeGreaterThan(16);
  });
});
