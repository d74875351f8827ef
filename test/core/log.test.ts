import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/log.ts";

describe("silentLogger", () => {
  it("accepts every level, wants none, and its children are as silent", () => {
    const { debug, info, warn, error, fatal } = silentLogger.child({ sub: "hid" });
    for (const write of [debug, info, warn, error, fatal]) {
      expect(write({}, "message")).toBeUndefined();
    }
    expect(silentLogger.child({}).isLevelEnabled("fatal")).toBe(false);
  });
});
