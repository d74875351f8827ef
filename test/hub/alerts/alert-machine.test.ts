import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FLAP_MS, isForgettable, QUIET, stepAlert } from "../../../src/hub/alerts/alert-machine.ts";
import type { AlertEffect, AlertInput, AlertState } from "../../../src/hub/alerts/alert-machine.ts";

const MINUTE = 60_000;

/** Feeds verdicts, a minute apart, and collects what would be told. */
function run(verdicts: readonly (boolean | undefined)[], part: Partial<AlertInput> = {}) {
  let state: AlertState = QUIET;
  const told: (readonly [number, AlertEffect])[] = [];
  for (const [minute, isBad] of verdicts.entries()) {
    const input = { isBad, value: minute, at: 1_000_000 + minute * MINUTE, reminderMs: 0, ...part };
    const step = stepAlert(state, input);
    ({ state } = step);
    for (const effect of step.effects) told.push([minute, effect]);
  }
  return { state, told };
}

/** What may be told after what. */
const AFTER: Readonly<Record<AlertEffect, readonly (AlertEffect | "nothing")[]>> = {
  raised: ["nothing", "cleared", "settled"],
  cleared: ["raised", "settled"],
  flapping: ["cleared", "settled"],
  settled: ["flapping"],
  reminder: [],
};

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

describe("an alert of one rule on one node", () => {
  it("is raised once and cleared once", () => {
    const { told, state } = run([false, true, true, undefined, true, false, false]);
    expect(told).toEqual([
      [1, "raised"],
      [5, "cleared"],
    ]);
    expect(state).toMatchObject({ isRaised: false, value: undefined });
  });

  it("keeps the figure with which it was raised, and since when", () => {
    const { state } = run([true, true], { since: 42 });
    expect(state).toMatchObject({ isRaised: true, value: 0, since: 42 });
  });

  it("is told about once when it flaps, and once more when it is quiet again", () => {
    const flapping = [true, false, true, false, true, false, true, false];
    const { told, state } = run([...flapping, ...times(40, false)]);
    expect(told).toEqual([
      [0, "raised"],
      [1, "cleared"],
      [2, "raised"],
      [3, "cleared"],
      [4, "flapping"],
      [37, "settled"],
    ]);
    expect(state).toMatchObject({ isFlapping: false, isRaised: false, changes: 4 });
  });

  it("that settles while it is raised goes on as raised", () => {
    const { told, state } = run([true, false, true, false, ...times(60, true)]);
    expect(told.at(-1)?.[1]).toBe("settled");
    expect(state).toMatchObject({ isRaised: true, isFlapping: false });
    const next = stepAlert(state, { isBad: false, value: 0, at: 1e9, reminderMs: 0 });
    expect(next.effects).toEqual(["cleared"]);
  });

  it("three times a day is no flapping", () => {
    const quiet = times(45, false);
    const { told } = run([true, ...quiet, true, ...quiet, true, ...quiet]);
    expect(told.map(([, effect]) => effect)).toEqual([
      "raised",
      "cleared",
      "raised",
      "cleared",
      "raised",
      "cleared",
    ]);
  });

  it("is told again after the time of the reminder, as long as it lasts", () => {
    const { told } = run([...times(150, true), false, ...times(100, false)], {
      reminderMs: 60 * MINUTE,
    });
    expect(told).toEqual([
      [0, "raised"],
      [60, "reminder"],
      [120, "reminder"],
      [150, "cleared"],
    ]);
  });

  it("is forgotten half an hour after it was over, not before", () => {
    const { state } = run([true, false]);
    expect(isForgettable(state, state.changedAt + FLAP_MS)).toBe(false);
    expect(isForgettable(state, state.changedAt + FLAP_MS + 1)).toBe(true);
    expect(isForgettable(run([true]).state, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it("never tells more than once a minute on average, and always ends with the truth", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(true, false, undefined), { maxLength: 200 }),
        (verdicts) => {
          const { told, state } = run(verdicts);
          const effects = told.map(([, effect]) => effect);
          const wrong = effects.filter(
            (effect, index) => !AFTER[effect].includes(effects[index - 1] ?? "nothing"),
          );
          expect(wrong).toEqual([]);
          const last = verdicts.findLast((verdict) => verdict !== undefined);
          expect(state.isRaised).toBe(last ?? false);
          const known = state.isFlapping || effects.at(-1) === "settled";
          const isTold = known || (effects.at(-1) === "raised") === state.isRaised;
          expect(isTold).toBe(true);
          // Two pairs at most before it counts as flapping, in any half hour.
          const perWindow = told.filter(([minute]) => minute < 30).length;
          expect(perWindow).toBeLessThanOrEqual(5);
        },
      ),
    );
  });
});
