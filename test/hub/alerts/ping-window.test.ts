import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgePings, PingWindow } from "../../../src/hub/alerts/ping-window.ts";

describe("a window of ping results", () => {
  it("counts what came within it, give or take an eighth of it", () => {
    const results = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 0, max: 20_000 }),
        elapsedMs: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(results, fc.integer({ min: 60, max: 600 }), (all, seconds) => {
        const window = new PingWindow(seconds);
        const seen: { at: number; elapsedMs: number | undefined }[] = [];
        let now = 0;
        for (const { gapMs, elapsedMs } of all) {
          now += gapMs;
          window.add(elapsedMs, now);
          seen.push({ at: now, elapsedMs });
        }
        const { sent, lost } = window.read(now);
        const within = (ms: number) => seen.filter(({ at }) => now - at < ms);
        expect(sent).toBeLessThanOrEqual(within(seconds * 1000).length);
        expect(sent).toBeGreaterThanOrEqual(within(seconds * 1000 * (7 / 8)).length);
        expect(lost).toBeLessThanOrEqual(sent);
      }),
    );
  });

  it("is empty again when nothing came for as long as it is", () => {
    const window = new PingWindow(60);
    window.add(5, 1000);
    expect(window.read(1000)).toEqual({ sent: 1, lost: 0, meanMs: 5 });
    expect(window.read(70_000)).toEqual({ sent: 0, lost: 0, meanMs: undefined });
  });
});

describe("the verdict on pings", () => {
  const pings = (sent: number, lost: number, meanMs?: number) => ({ sent, lost, meanMs });

  it("waits for three results", () => {
    expect(judgePings(pings(2, 2), "loss", 50).isBad).toBeUndefined();
    expect(judgePings(pings(3, 3), "loss", 50)).toEqual({ isBad: true, value: 100 });
  });

  it("is not over before it falls clearly below the threshold", () => {
    expect(judgePings(pings(10, 2), "loss", 20).isBad).toBe(true);
    expect(judgePings(pings(100, 18), "loss", 20).isBad).toBeUndefined();
    expect(judgePings(pings(100, 15), "loss", 20).isBad).toBe(false);
  });

  it("says nothing about the time of pings that are all lost", () => {
    expect(judgePings(pings(5, 5), "latency", 100).isBad).toBeUndefined();
    expect(judgePings(pings(5, 1, 120), "latency", 100)).toEqual({ isBad: true, value: 120 });
  });
});
