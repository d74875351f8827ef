import { COMMAND_FAILURES } from "../../../../protocol/fleet/command-failures.ts";
import type { CommandFailure } from "../../../../protocol/fleet/command-failures.ts";
import type { CommandRunView } from "../../../../protocol/fleet/admin.ts";

export type Outcome = CommandRunView["outcomes"][number];

/** `notRun`: the hub or the agent says that it could not be begun. `answered`: the agent tells no exit code. */
export type OutcomeState = "running" | "done" | "failed" | "notRun" | "answered";

/** What hubs and agents say when there was nothing whose exit code could be told. */
const NOT_BEGUN = -1;

export function stateOf({ exitCode, finishedAt }: Outcome): OutcomeState {
  if (finishedAt === null) return "running";
  if (exitCode === null) return "answered";
  if (exitCode === NOT_BEGUN) return "notRun";
  return exitCode === 0 ? "done" : "failed";
}

function isFailure(why: string): why is CommandFailure {
  return Object.hasOwn(COMMAND_FAILURES, why);
}

const FAILURES: ReadonlyMap<string, CommandFailure> = new Map(
  Object.entries(COMMAND_FAILURES).flatMap(([why, text]) => (isFailure(why) ? [[text, why]] : [])),
);

/** Why the hub could not have it run; undefined for everything that an agent says. */
export function failureOf(outcome: Outcome): CommandFailure | undefined {
  return stateOf(outcome) === "notRun" ? FAILURES.get(outcome.output) : undefined;
}

export interface OutcomeCounts {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
}

export function countOutcomes({ outcomes }: CommandRunView): OutcomeCounts {
  const states = outcomes.map(stateOf);
  const running = states.filter((state) => state === "running").length;
  const failed = states.filter((state) => state === "failed" || state === "notRun").length;
  return { running, failed, done: states.length - running - failed };
}

export const isOver = (run: CommandRunView): boolean => countOutcomes(run).running === 0;
