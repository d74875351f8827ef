import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";

async function problems(hub: object): Promise<string[]> {
  const result = await loadConfig({
    file: "x.yaml",
    env: {},
    readFile: () => Promise.resolve(JSON.stringify({ hub })),
  });
  return result.ok ? [] : result.problems.map((problem) => JSON.stringify(problem));
}

describe("hub.discoveryKey", () => {
  it.each(["", "twelve-chars", "x".repeat(200)])("may be '%s'", async (discoveryKey) => {
    expect(await problems({ discoveryKey })).toEqual([]);
  });

  it.each(["x", "eleven-char"])("is refused when it is as short as '%s'", async (discoveryKey) => {
    const found = await problems({ discoveryKey });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("hub.discoveryKey");
    expect(found[0]).toContain("at least 12 characters; 'openssl rand -hex 16' makes");
    expect(found[0]).not.toContain(`"${discoveryKey}"`);
  });
});
