import { execFileSync } from "node:child_process";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { REPOSITORY } from "../../support/source-tree.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("a thread", () => {
  it("leaves the space for new objects of the process as small as it was", async () => {
    const outfile = `${tempDir()}/child.mjs`;
    await build({
      absWorkingDir: REPOSITORY,
      entryPoints: ["test/support/heap-child.ts"],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "error",
    });
    const told = execFileSync(process.execPath, ["--expose-gc", outfile], { encoding: "utf8" });
    const [before, after]: readonly number[] = JSON.parse(told);
    expect(before).toBeLessThanOrEqual(4);
    expect(after).toBe(before);
  });
});
