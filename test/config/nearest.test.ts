import { describe, expect, it } from "vitest";
import { nearestWord } from "../../src/config/nearest.ts";

describe("nearestWord", () => {
  const words = ["port", "host", "allowedOrigins", "tls"];

  it.each([
    ["prot", "port"],
    ["hosts", "host"],
    ["allowed_origins", "allowedOrigins"],
    ["alowedOrigin", "allowedOrigins"],
    ["TLS", "tls"],
  ])("takes %s for %s", (word, meant) => {
    expect(nearestWord(word, words)).toBe(meant);
  });

  it.each([["zzzz"], ["x".repeat(10_000)], [""]])("suggests nothing for %j", (word) => {
    expect(nearestWord(word, words)).toBeUndefined();
  });
});
