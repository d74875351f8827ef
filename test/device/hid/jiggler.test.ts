import { describe, expect, it } from "vitest";
import { createJiggler } from "../../../src/device/hid/jiggler.ts";
import { fakeClock } from "../../support/fake-clock.ts";

function testJiggler({ isAbsolute = true, random = 0.5, intervalSeconds = 60 } = {}) {
  const clock = fakeClock();
  const moves: string[] = [];
  let activityAt = 0;
  const touch = (): void => {
    activityAt = clock.monotonic();
  };
  const jiggler = createJiggler({
    clock,
    intervalSeconds,
    random: () => random,
    mouse: {
      position: { x: 1000, y: -1000 },
      move(x, y) {
        moves.push(`${x} ${y}`);
      },
      relative(deltas) {
        moves.push(`${deltas[0]} ${deltas[1]}`);
      },
    },
    isAbsolute: () => isAbsolute,
    lastActivityAt: () => activityAt,
    touch,
  });
  return { clock, moves, jiggler, touch, activityAt: () => activityAt };
}

const fiveTimes = (...items: string[]): string[] => Array.from({ length: 5 }, () => items).flat();

describe("jiggler", () => {
  it("moves around the last position ten times, then exactly back", async () => {
    const { clock, moves, jiggler } = testJiggler();
    jiggler.setActive(true);
    await clock.advance(59_900);
    expect(moves).toEqual([]);
    await clock.advance(1600);
    expect(moves).toEqual([...fiveTimes("1100 -900", "900 -1100"), "1000 -1000"]);
  });

  it("moves back and forth in relative mode", async () => {
    const { clock, moves, jiggler } = testJiggler({ isAbsolute: false });
    jiggler.setActive(true);
    await clock.advance(62_000);
    expect(moves).toEqual(fiveTimes("10 10", "-10 -10"));
  });

  it.each([
    [0, 45_000],
    [0.5, 60_000],
    [0.999_999, 74_999],
  ])("spreads the interval by a quarter: random %f waits %i ms", async (random, waitMs) => {
    const { clock, moves, jiggler } = testJiggler({ random });
    jiggler.setActive(true);
    await clock.advance(waitMs - 1000);
    expect(moves).toEqual([]);
    await clock.advance(2000);
    expect(moves.length).toBeGreaterThan(0);
  });

  it("waits at least a second however short the interval", async () => {
    const { clock, moves, jiggler } = testJiggler({ intervalSeconds: 1, random: 0 });
    jiggler.setActive(true);
    await clock.advance(999);
    expect(moves).toEqual([]);
  });

  it("counts its own moves as activity, so that it rests between jiggles", async () => {
    const { clock, moves, jiggler, activityAt } = testJiggler();
    jiggler.setActive(true);
    await clock.advance(62_000);
    const count = moves.length;
    expect(activityAt()).toBe(61_000);
    await clock.advance(58_000);
    expect(moves).toHaveLength(count);
  });

  it("stops at once when somebody moves the mouse", async () => {
    const { clock, moves, jiggler, touch } = testJiggler();
    jiggler.setActive(true);
    await clock.advance(60_250);
    touch();
    await clock.advance(2000);
    expect(moves).toEqual(["1100 -900", "900 -1100", "1100 -900"]);
  });

  it("has no timer while it is inactive", async () => {
    const { clock, moves, jiggler } = testJiggler();
    expect(clock.pending).toBe(0);
    jiggler.setActive(true);
    jiggler.setActive(true);
    expect(clock.pending).toBe(1);
    jiggler.setActive(false);
    expect(jiggler.isActive).toBe(false);
    expect(clock.pending).toBe(0);
    await clock.advance(100_000);
    expect(moves).toEqual([]);
  });
});
