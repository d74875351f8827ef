// npm run lab: installs our Debian package in a virtual machine and tries it there on the kernel's own devices.
// See lab/README.md. Exit status 0: all passed; 1: something failed; 77: it could not be run here.
import "./node-version.mjs";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findObstacle } from "./lab/host/prerequisites.mjs";
import { failed, table, tell } from "./lab/host/report.mjs";
import { readOptions } from "./options.mjs";
import { ensureInstalled } from "./workspace.mjs";

const EXIT_SKIPPED = 77;
/** For one start of a machine: only what hangs takes that long. */
const LIMIT_SECONDS = 1200;

const USAGE = `Usage: npm run lab -- [SCENARIO ...]
         [--install]      first installs the Debian packages that are missing on this computer
         [--deb FOLDER]   ready-made packages instead of those of this checkout
         [--fresh]        nothing from the cache`;

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    install: { type: "boolean", default: process.env["CI"] === "true" },
    deb: { type: "string" },
    fresh: { type: "boolean", default: false },
  },
});

/** @typedef {import("./lab/guest/scenario.ts").Outcome} Outcome */

/** @param {number} startedAt */
const secondsSince = (startedAt) => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;

/** @param {string} cache */
async function prepare(cache) {
  if (values.fresh) rmSync(cache, { recursive: true, force: true });
  ensureInstalled();
  const startedAt = performance.now();
  console.log("== machine");
  const { buildParts } = await import("./lab/host/machine.mjs");
  const { buildMachine } = await import("./lab/host/states.mjs");
  const { findPackages } = await import("./lab/host/packages.mjs");
  const { bundlePrograms } = await import("./lab/host/workplace.mjs");
  const [parts, debs] = await Promise.all([buildParts(), findPackages(values.deb)]);
  await bundlePrograms();
  const machine = await buildMachine(parts, debs);
  const { acceleration } = await import("./lab/host/vm.mjs");
  console.log(`== machine: ready after ${secondsSince(startedAt)}, ${acceleration(machine)}`);
  return machine;
}

/**
 * The names of what runs in each machine.
 * @param {string} cache
 * @param {string} powerCut its name
 */
async function selection(cache, powerCut) {
  const path = pathToFileURL(join(cache, "programs", "scenarios.mjs")).href;
  /** @type {typeof import("./lab/scenarios/index.ts")} */
  const { SCENARIOS } = await import(path);
  const isWanted = (/** @type {string} */ name) =>
    positionals.length === 0 || positionals.includes(name);
  const names = (/** @type {keyof typeof SCENARIOS} */ list) =>
    SCENARIOS[list].map(({ name }) => name).filter(isWanted);
  const [gadget, chip, afterCuts] = [names("gadget"), names("chip"), names("afterCuts")];
  if (isWanted(powerCut)) return { gadget, chip, afterCuts };
  return { gadget, chip: [...chip, ...afterCuts] };
}

/** @param {import("./lab/host/machine.mjs").Machine} machine @param {string} cache */
async function runAll(machine, cache) {
  const { runScenarios } = await import("./lab/host/scenarios.mjs");
  const { NAME, runPowerCut } = await import("./lab/host/power-cut.mjs");
  /** @type {Outcome[]} */
  const outcomes = [];
  const onOutcome = (/** @type {Outcome} */ outcome) => {
    outcomes.push(outcome);
    tell(outcome);
  };
  const results = join(cache, "results");
  rmSync(results, { recursive: true, force: true });
  const keep = (/** @type {string} */ name, /** @type {string} */ folder) => {
    mkdirSync(results, { recursive: true });
    cpSync(folder, join(results, name), { recursive: true });
    rmSync(join(folder, ".."), { recursive: true, force: true });
  };
  const run = { machine, limitSeconds: LIMIT_SECONDS, onOutcome };
  const { gadget, chip, afterCuts } = await selection(cache, NAME);
  const runSetup = async (
    /** @type {import("./lab/guest/scenario.ts").Setup} */ setup,
    /** @type {readonly string[]} */ scenarios,
  ) => {
    if (scenarios.length > 0) keep(setup, await runScenarios({ ...run, setup, scenarios }));
  };
  /** Two machines side by side, each with about half of the work. */
  await Promise.all([
    runSetup("gadget", gadget).then(() => runSetup("chip", chip)),
    afterCuts && runPowerCut({ ...run, scenarios: afterCuts }).then((folder) => keep(NAME, folder)),
  ]);
  return outcomes;
}

const obstacle = findObstacle({ mayInstall: values.install });
if (obstacle !== undefined) {
  console.log(`The hardware lab was skipped: ${obstacle}.`);
  console.log("0 passed, 0 failed");
  process.exit(EXIT_SKIPPED);
}
const startedAt = performance.now();
try {
  const { CACHE } = await import("./lab/host/machine.mjs");
  const outcomes = await runAll(await prepare(CACHE), CACHE);
  console.log(`\n${table(outcomes)}\n`);
  console.log(
    `All in ${secondsSince(startedAt)}; logs of the machine in ${join(CACHE, "results")}.`,
  );
  const bad = failed(outcomes);
  if (outcomes.length === 0) console.log(`No such scenario: ${positionals.join(", ")}.`);
  console.log(`${outcomes.length - bad} passed, ${bad} failed`);
  process.exitCode = bad === 0 && outcomes.length > 0 ? 0 : 1;
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
