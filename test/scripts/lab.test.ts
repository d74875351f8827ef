import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failed, table } from "../../scripts/lab/host/report.mjs";
import { until } from "../../scripts/lab/guest/wait.ts";
import { SCENARIOS } from "../../scripts/lab/scenarios/index.ts";
import { REPOSITORY } from "../support/source-tree.ts";

const names = Object.values(SCENARIOS)
  .flat()
  .map(({ name }) => name);

describe("the lab", () => {
  it("has each scenario once", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([...names, "power-cut"])("says in words what %s shows", (name) => {
    const text = readFileSync(join(REPOSITORY, "scripts/lab/README.md"), "utf8");
    expect(text).toMatch(new RegExp(`^\\| \`${name}\` +\\| \\S`, "m"));
  });

  it("tells how each scenario went, with its figures", () => {
    const good = { name: "good", seconds: 1.25, checks: ["a", "b"], figures: ["x 1 ms", "y 2 ms"] };
    const bad = { name: "bad", seconds: 30, checks: [], figures: [], failure: "it broke" };
    expect(failed([good, bad])).toBe(1);
    const rows = table([good, bad]).split("\n");
    expect(rows.slice(1).map((row) => row.split(/ {2,}/))).toEqual([
      ["good", "ok", "2", "1.3", "x 1 ms, y 2 ms"],
      ["bad", "FAILED", "0", "30.0"],
    ]);
  });

  it("waits for what comes, takes a failing question for not yet, and gives up with the reason", async () => {
    const answers = [() => undefined, () => Promise.reject(new Error("not there")), () => "here"];
    await expect(until("it", () => answers.shift()?.())).resolves.toBe("here");
    const never = until("it", () => Promise.reject(new Error("not there")), 1);
    await expect(never).rejects.toThrow("it did not happen within 0.001 s: Error: not there");
  });
});
