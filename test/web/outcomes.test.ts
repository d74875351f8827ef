import { describe, expect, it } from "vitest";
import { COMMAND_FAILURES } from "../../src/protocol/fleet/command-failures.ts";
import { enFleetControl } from "../../src/web/i18n/en/fleet-control.ts";
import { zhFleetControl } from "../../src/web/i18n/zh-cn/fleet-control.ts";
import {
  countOutcomes,
  failureOf,
  isOver,
  stateOf,
} from "../../src/web/views/fleet/control/outcomes.ts";
import type { Outcome } from "../../src/web/views/fleet/control/outcomes.ts";

const outcome = (part: Partial<Outcome>): Outcome => ({
  node: 1,
  output: "",
  exitCode: 0,
  finishedAt: 5000,
  ...part,
});

const RUNNING = outcome({ exitCode: null, finishedAt: null });

const runOf = (...outcomes: readonly Outcome[]) => ({
  id: "r",
  command: "id",
  user: "admin",
  startedAt: 1000,
  outcomes,
});

describe("what came of a command on a node", () => {
  it("is told by its exit code, and by whether there is one at all", () => {
    expect(stateOf(RUNNING)).toBe("running");
    expect(stateOf(outcome({}))).toBe("done");
    expect(stateOf(outcome({ exitCode: 127 }))).toBe("failed");
    expect(stateOf(outcome({ exitCode: -1 }))).toBe("notRun");
    expect(stateOf(outcome({ exitCode: null }))).toBe("answered");
  });

  it("is known where the hub could not have it run, and has words in both languages then", () => {
    for (const [why, output] of Object.entries(COMMAND_FAILURES)) {
      expect(failureOf(outcome({ exitCode: -1, output }))).toBe(why);
      expect([enFleetControl, zhFleetControl].map((book) => `failure.${why}` in book)).toEqual([
        true,
        true,
      ]);
    }
    expect(failureOf(outcome({ exitCode: -1, output: "no such shell" }))).toBeUndefined();
    expect(failureOf(outcome({ output: COMMAND_FAILURES.nodeOffline }))).toBeUndefined();
  });

  it("is counted; what never ran has failed", () => {
    const run = runOf(RUNNING, outcome({}), outcome({ exitCode: null }), outcome({ exitCode: -1 }));
    expect(countOutcomes(run)).toEqual({ running: 1, done: 2, failed: 1 });
  });

  it("is over when every node has answered", () => {
    expect(isOver(runOf(outcome({}), RUNNING))).toBe(false);
    expect(isOver(runOf(outcome({}), outcome({ exitCode: 2 })))).toBe(true);
  });
});
