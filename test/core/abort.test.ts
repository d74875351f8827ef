import { describe, expect, it } from "vitest";
import { isAborted } from "../../src/core/abort.ts";

describe("isAborted", () => {
  it("says no without a signal and before the abort", () => {
    expect(isAborted(undefined)).toBe(false);
    expect(isAborted(new AbortController().signal)).toBe(false);
  });

  it("says yes after the abort", () => {
    expect(isAborted(AbortSignal.abort())).toBe(true);
  });
});
