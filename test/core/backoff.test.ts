import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBackoff } from "../../src/core/backoff.ts";

describe("createBackoff", () => {
  it("walks through its steps and repeats the last", () => {
    const backoff = createBackoff({ stepsMs: [500, 1000, 2000] });
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([
      500, 1000, 2000, 2000,
    ]);
  });

  it("starts again after a reset", () => {
    const backoff = createBackoff({ stepsMs: [500, 1000] });
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it("does not wait when it has no steps", () => {
    expect(createBackoff({ stepsMs: [] }).next()).toBe(0);
  });

  it("spreads each delay by the jitter and no further", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value) => {
        const delay = createBackoff({
          stepsMs: [1000],
          jitter: 0.2,
          random: () => value,
        }).next();
        expect(delay).toBeGreaterThanOrEqual(800);
        expect(delay).toBeLessThanOrEqual(1200);
      }),
    );
  });

  it("reaches both ends of the jitter", () => {
    expect(createBackoff({ stepsMs: [1000], jitter: 0.2, random: () => 0 }).next()).toBe(800);
    expect(createBackoff({ stepsMs: [1000], jitter: 0.2, random: () => 0.9999 }).next()).toBe(1200);
  });
});
