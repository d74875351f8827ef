// Runs inside the machine, started by lab-agent: the scenarios one after the other, each with its outcome on a line of
// /lab/results.ndjson.
import { appendFileSync } from "node:fs";
import { SCENARIOS } from "../scenarios/index.ts";
import { startDaemon } from "./daemon.ts";
import { readJob } from "./job.ts";
import { servePowerCut } from "./power-cut.ts";
import { prepare } from "./prepare.ts";
import type { Lab, Outcome, Scenario } from "./scenario.ts";

const RESULTS = "/lab/results.ndjson";
/** Tells lab-agent to wait for the next job. */
const TO_BE_SAVED = 75;
/** Ends what hangs; a busy host may take its time. */
const LIMIT_SECONDS = 400;

function withLimit(scenario: Scenario, lab: Lab): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`It was not over after ${LIMIT_SECONDS} s`));
    }, LIMIT_SECONDS * 1000);
    scenario
      .run(lab)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });
}

async function runScenario(scenario: Scenario): Promise<Outcome> {
  const startedAt = performance.now();
  const checks: string[] = [];
  const figures: string[] = [];
  const lab: Lab = {
    check(what, isSo, detail) {
      if (!isSo) {
        const shown = detail === undefined ? "" : `: ${JSON.stringify(detail)}`;
        throw new Error(`Not so: ${what}${shown}`);
      }
      checks.push(what);
    },
    measure(what, value, unit) {
      figures.push(`${what} ${Number(value.toFixed(1))} ${unit}`);
    },
  };
  let failure: string | undefined;
  try {
    await withLimit(scenario, lab);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { name } = scenario;
  return { name, seconds, checks, figures, ...(failure === undefined ? {} : { failure }) };
}

const { kind, setup, controlUrl, scenarios } = readJob();
if (kind === "prepare") {
  await prepare(setup);
  process.exit(TO_BE_SAVED);
}
if (kind === "power-cut") await servePowerCut(controlUrl);
else await startDaemon();
for (const scenario of Object.values(SCENARIOS).flat()) {
  if (!scenarios.includes(scenario.name)) continue;
  const outcome = await runScenario(scenario);
  appendFileSync(RESULTS, `${JSON.stringify(outcome)}\n`);
}
process.exit(0);
