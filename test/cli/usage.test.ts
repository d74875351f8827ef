import { describe, expect, it } from "vitest";
import { USAGE, usageOf } from "../../src/cli/usage.ts";

describe("usageOf", () => {
  it("tells about one command what it understands", () => {
    expect(usageOf(["passwd"])).toContain("--role viewer|operator|admin");
    expect(usageOf(["pair", "https://hub"])).toContain("--komari-token");
    expect(usageOf(["pair", "--pasarguard"])).toContain("--address");
  });

  it("tells about all of them otherwise", () => {
    expect(usageOf()).toBe(usageOf(["serve"]));
    expect(usageOf(["toString"])).toBe(usageOf());
    for (const command of Object.keys(USAGE)) expect(usageOf()).toContain(`  ${command}`);
  });
});
