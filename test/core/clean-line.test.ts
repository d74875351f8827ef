import { describe, expect, it } from "vitest";
import { cleanLine } from "../../src/core/clean-line.ts";

describe("cleanLine", () => {
  it("is one line without characters that hide or turn others", () => {
    expect(cleanLine("  a\nb\u0000\u202Ec\u200B ", 128)).toBe("a b  c");
    expect(cleanLine("\u001B[31mred", 128)).toBe("[31mred");
  });

  it("is cut", () => {
    expect(cleanLine("x".repeat(1000), 128)).toHaveLength(128);
  });
});
