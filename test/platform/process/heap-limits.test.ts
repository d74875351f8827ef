import { describe, expect, it } from "vitest";
import { buildProgram } from "../../support/build-program.ts";

describe("the space for new objects", () => {
  it("grows when much stays, but not to the utmost where that is limited", async () => {
    const run = await buildProgram("large-heap-child.ts");
    const megabytes = (word: string): number => Number(run([], word));
    const limited = megabytes("limited");
    expect(limited).toBeGreaterThan(2);
    expect(limited).toBeLessThanOrEqual(16);
    expect(megabytes("free")).toBeGreaterThan(16);
  });
});
