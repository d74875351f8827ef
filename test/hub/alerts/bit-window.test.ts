import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EMPTY_WINDOW,
  judgeWindow,
  MOST_SAMPLES,
  planWindow,
  pushSample,
} from "../../../src/hub/alerts/bit-window.ts";
import type { WindowPlan } from "../../../src/hub/alerts/bit-window.ts";

type Sample = boolean | undefined;

function fill(samples: readonly Sample[], plan: WindowPlan) {
  let window = EMPTY_WINDOW;
  for (const sample of samples) window = pushSample(window, sample, plan);
  return window;
}

/** The same with a list. */
function naive(samples: readonly Sample[], { samples: size, needed }: WindowPlan) {
  const last = samples.slice(-size);
  const bad = last.filter((sample) => sample === true).length;
  const known = last.filter((sample) => sample !== undefined).length;
  if (bad >= needed) return true;
  if (known * 2 < size) return undefined;
  return bad * 2 < needed ? false : undefined;
}

const SAMPLES = fc.array(fc.constantFrom(true, false, undefined), { maxLength: 100 });
const PLANS = fc
  .tuple(fc.integer({ min: 10, max: 86_400 }), fc.integer({ min: 1, max: 100 }))
  .map(([seconds, share]) => planWindow(seconds, share, 10));

describe("the plan of a window", () => {
  it("covers what was asked for, in whole periods that fit into one number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 86_400 }),
        fc.integer({ min: 1, max: 100 }),
        (seconds, share) => {
          const { periodSeconds, samples, needed } = planWindow(seconds, share, 10);
          expect(periodSeconds % 10).toBe(0);
          expect(samples).toBeLessThanOrEqual(MOST_SAMPLES);
          expect(Math.abs(samples * periodSeconds - seconds)).toBeLessThanOrEqual(periodSeconds);
          expect(needed).toBeGreaterThanOrEqual(1);
          expect(needed).toBeLessThanOrEqual(samples);
        },
      ),
    );
  });
});

describe("a window of bits", () => {
  it("says the same as a list of the samples", () => {
    fc.assert(
      fc.property(SAMPLES, PLANS, (samples, plan) => {
        expect(judgeWindow(fill(samples, plan), plan)).toBe(naive(samples, plan));
      }),
    );
  });

  it("raises only when it was bad for the wanted share of the window", () => {
    const plan = planWindow(300, 50, 10);
    expect(plan).toEqual({ periodSeconds: 10, samples: 30, needed: 15 });
    expect(judgeWindow(fill(Array<Sample>(14).fill(true), plan), plan)).toBeUndefined();
    expect(judgeWindow(fill(Array<Sample>(15).fill(true), plan), plan)).toBe(true);
  });

  it("never takes silence for recovery", () => {
    const plan = planWindow(100, 100, 10);
    const samples = [...Array<Sample>(10).fill(true), ...Array<Sample>(200).fill(undefined)];
    expect(judgeWindow(fill(samples, plan), plan)).toBeUndefined();
  });
});
