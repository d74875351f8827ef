import { describe, expect, it } from "vitest";
import { buildProgram } from "../../support/build-program.ts";

describe("a thread", () => {
  it("leaves the space for new objects of the process as small as it was", async () => {
    const run = await buildProgram("heap-child.ts");
    const [before, after]: readonly number[] = JSON.parse(run(["--expose-gc"]));
    expect(before).toBeLessThanOrEqual(4);
    expect(after).toBe(before);
  });
});
