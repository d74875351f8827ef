import { describe, expect, it } from "vitest";
import { createLane } from "../../src/core/lane.ts";

describe("createLane", () => {
  it("runs one job at a time, in the order of the calls, also after one that failed", async () => {
    const lane = createLane();
    const seen: string[] = [];
    const job = (name: string) => async (): Promise<string> => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
      return name;
    };
    const outcomes = await Promise.allSettled(["a", "b", "c"].map((name) => lane(job(name))));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });
});
