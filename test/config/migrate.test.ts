import { describe, expect, it } from "vitest";
import { migrateInput } from "../../src/config/migrate.ts";
import type { MigrationPlan } from "../../src/config/migrate.ts";
import { MIGRATIONS } from "../../src/config/migrate.ts";
import type { ConfigInput } from "../../src/config/problems.ts";
import { CONFIG_VERSION } from "../../src/config/schema.ts";

const plan: MigrationPlan = {
  current: 3,
  migrations: [
    { from: 1, apply: (tree) => ({ ...tree, steps: ["one"] }) },
    { from: 2, apply: (tree) => ({ ...tree, steps: [tree["steps"], "two"].flat() }) },
  ],
};

const input = (value: unknown): ConfigInput => ({ origin: "file", source: "/x.yaml", value });

describe("migrateInput", () => {
  it("brings an old file up to date step by step", () => {
    expect(migrateInput(input({ version: 1, a: 1 }), plan)).toMatchObject({
      source: "/x.yaml",
      value: { version: 3, a: 1, steps: ["one", "two"] },
    });
  });

  it.each([[{ version: 3 }], [{}], ["text"], [{ version: "x" }]])("leaves %j alone", (value) => {
    const given = input(value);
    expect(migrateInput(given, plan)).toBe(given);
  });

  it("refuses a file of a newer program", () => {
    expect(migrateInput(input({ version: 4 }), plan)).toMatchObject({ path: "version", value: 4 });
  });

  it("refuses a file that no migration knows", () => {
    const answer = migrateInput(input({ version: 0 }), plan);
    expect(answer).toMatchObject({ path: "version", value: 0 });
  });

  it("has a migration for every older version of the program", () => {
    const versions = Array.from({ length: CONFIG_VERSION - 1 }, (_, index) => index + 1);
    expect(MIGRATIONS.map(({ from }) => from)).toEqual(versions);
  });
});
