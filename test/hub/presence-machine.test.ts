import { describe, expect, it } from "vitest";
import { stepPresence, UNKNOWN_PRESENCE } from "../../src/hub/presence-machine.ts";
import type { PresenceInput } from "../../src/hub/presence-machine.ts";

type Script = readonly (readonly [number, "report" | "sign" | "closed" | "visit"])[];

/** `[second, kind]` or `[second, "visit"]`; a tick passes every second between. Gives the effects as `second effect`. */
function effects(script: Script, until: number): readonly string[] {
  const told: string[] = [];
  let state = UNKNOWN_PRESENCE;
  const perform = (second: number, input: Pick<PresenceInput, "kind" | "isVisit">): void => {
    const step = stepPresence(state, { ...input, at: second * 1000, nowMs: second * 1000 });
    state = step.state;
    for (const effect of step.effects) told.push(`${second} ${effect}`);
  };
  for (let second = 0; second <= until; second += 1) {
    for (const [at, kind] of script) {
      if (at !== second) continue;
      perform(second, kind === "visit" ? { kind: "report", isVisit: true } : { kind });
    }
    perform(second, { kind: "tick" });
  }
  return told;
}

/** The same without the questions. */
function changes(script: Script, until: number): readonly string[] {
  return effects(script, until).filter((effect) => !effect.endsWith("ask"));
}

const reports = (from: number, to: number, every: number) =>
  Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => {
    return [from + index * every, "report"] as const;
  });

const signs = (from: number, to: number, every: number) =>
  reports(from, to, every).map(([second]) => [second, "sign"] as const);

describe("presence of a node", () => {
  it("begins with its first report", () => {
    expect(changes([[3, "report"]], 5)).toEqual(["3 online"]);
  });

  it("is not lost by a missing report or a quick reconnection", () => {
    expect(changes([...reports(0, 30, 3), [31, "closed"], ...reports(39, 60, 3)], 60)).toEqual([
      "0 online",
    ]);
  });

  it("ends some seconds after the connection closed", () => {
    expect(changes([...reports(0, 6, 3), [6, "closed"]], 60)).toEqual(["0 online", "16 offline"]);
  });

  it("ends when the node is silent for several of its own intervals", () => {
    expect(changes(reports(0, 60, 1), 100)).toEqual(["0 online", "71 offline"]);
    expect(changes(reports(0, 120, 10), 200)).toEqual(["0 online", "150 offline"]);
  });

  it("comes back with the second report in a row", () => {
    expect(changes([...reports(0, 3, 1), ...reports(60, 63, 1)], 64)).toEqual([
      "0 online",
      "14 offline",
      "61 online",
    ]);
  });

  it("does not come back for a single report", () => {
    expect(changes([...reports(0, 3, 1), [60, "report"]], 200)).toEqual(["0 online", "14 offline"]);
  });

  it("is believed of an agent that reports rarely", () => {
    const told = changes(reports(0, 600, 30), 600);
    expect(told.at(-1)).toBe("60 online");
    expect(told).toHaveLength(3);
  });

  it("lasts longer for agents that send single requests", () => {
    expect(
      changes(
        [
          [0, "visit"],
          [10, "visit"],
        ],
        100,
      ),
    ).toEqual(["0 online", "45 offline"]);
  });

  it("is asked for when reports stay away, in time for an answer", () => {
    expect(effects(reports(0, 60, 3), 100)).toEqual(["0 online", "66 ask", "71 offline"]);
    expect(effects([...reports(0, 120, 10)], 200).slice(-2)).toEqual(["145 ask", "150 offline"]);
  });

  it("lasts as long as a busy machine answers, and ends with its answers", () => {
    const busy = [...reports(0, 9, 3), ...signs(16, 100, 7)];
    expect(changes(busy, 112)).toEqual(["0 online", "111 offline"]);
    expect(changes([...busy, ...reports(102, 200, 3)], 200)).toEqual(["0 online"]);
  });

  it("ends for who answers for minutes but does not report", () => {
    expect(changes([...reports(0, 9, 3), ...signs(15, 1000, 5)], 1000)).toEqual([
      "0 online",
      "309 offline",
    ]);
  });

  it("does not begin and does not return by answers", () => {
    expect(changes(signs(0, 100, 5), 100)).toEqual([]);
    expect(changes([...reports(0, 9, 3), ...signs(30, 100, 5)], 100)).toEqual([
      "0 online",
      "20 offline",
    ]);
  });

  it("ends although it answered when its connection is gone", () => {
    expect(changes([...reports(0, 9, 3), [10, "closed"], ...signs(11, 19, 1)], 60)).toEqual([
      "0 online",
      "20 offline",
    ]);
  });

  it("is not judged by a hub that stood still", () => {
    const here = stepPresence(UNKNOWN_PRESENCE, { kind: "report", at: 0, nowMs: 0 }).state;
    const late = stepPresence(here, { kind: "tick", at: 60_000, nowMs: 60_000 });
    expect(late.effects).toEqual(["ask"]);
    const heard = stepPresence(late.state, { kind: "sign", at: 60_001, nowMs: 60_001 });
    expect(stepPresence(heard.state, { kind: "tick", at: 61_000, nowMs: 61_000 }).effects).toEqual(
      [],
    );
  });

  it("never changes for a node that was never heard", () => {
    expect(changes([], 1000)).toEqual([]);
  });
});
