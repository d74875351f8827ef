import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = new URL("../../src/", import.meta.url).pathname;

function codesInSource(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const texts = files.filter((file) => file.endsWith(".ts")).map((file) => join(SRC, file));
  const codes = texts.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/static readonly code = "([A-Z0-9_]+)"/g)].map(
      (match) => match[1],
    ),
  );
  return codes.filter((code) => code !== undefined).sort();
}

function codesInDocument(): string[] {
  const text = readFileSync(join(SRC, "api/ERRORS.md"), "utf8");
  return [...text.matchAll(/^\| `([A-Z0-9_]+)` +\|/gm)].flatMap((match) => match[1] ?? []);
}

describe("src/api/ERRORS.md", () => {
  it("lists every error code of the program, in order, and no other", () => {
    expect(codesInDocument()).toEqual(codesInSource());
  });

  it("finds codes that are used once only", () => {
    const codes = codesInSource();
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
