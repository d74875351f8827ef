import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemRoots } from "../../../../src/platform/net/grpc/system-roots.ts";
import { tempDir } from "../../../support/temp-dir.ts";

describe("the system's authorities", () => {
  it("are in the first bundle that is there and not empty", async () => {
    const folder = tempDir();
    const bundle = join(folder, "b.pem");
    await writeFile(join(folder, "empty.pem"), "");
    await writeFile(bundle, "authorities");
    await mkdir(join(folder, "folder"));
    const candidates = ["missing", "empty.pem", "folder", "b.pem"].map((name) =>
      join(folder, name),
    );
    expect((await systemRoots(candidates))?.toString()).toBe("authorities");
  });

  it("are unknown where there is no bundle", async () => {
    expect(await systemRoots([join(tempDir(), "missing")])).toBeUndefined();
  });
});
