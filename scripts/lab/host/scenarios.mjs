// One machine in which the scenarios of scripts/lab/scenarios run.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { copyDisk } from "./machine.mjs";
import { startMachine } from "./vm.mjs";
import { explainEnd, openWorkplace } from "./workplace.mjs";

const POLL_MS = 300;

/** @typedef {import("../guest/scenario.ts").Outcome} Outcome */

/** @param {string} folder @returns {Outcome[]} */
function readOutcomes(folder) {
  const path = join(folder, "results.ndjson");
  if (!existsSync(path)) return [];
  // What follows the last newline is still being written.
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    /** @type {Outcome} */
    const outcome = JSON.parse(line);
    return outcome;
  });
}

/** @param {string} folder */
function hasFinished(folder) {
  const path = join(folder, "status");
  return existsSync(path) && readFileSync(path, "utf8").trim() === "0";
}

/**
 * Calls back with each outcome as it comes.
 * @param {string} shared
 * @param {(outcome: Outcome) => void} onOutcome
 * @returns {() => void} to be called when the machine is off; one that did not do its work is an outcome named "machine"
 */
export function followOutcomes(shared, onOutcome) {
  const startedAt = performance.now();
  let told = 0;
  const tell = () => {
    const outcomes = readOutcomes(shared);
    for (const outcome of outcomes.slice(told)) onOutcome(outcome);
    told = outcomes.length;
  };
  const ticking = setInterval(tell, POLL_MS);
  return () => {
    clearInterval(ticking);
    tell();
    if (hasFinished(shared)) return;
    const seconds = (performance.now() - startedAt) / 1000;
    const failure = `The machine was off after ${seconds.toFixed(0)} s. ${explainEnd(shared)}`;
    onOutcome({ name: "machine", seconds, checks: [], figures: [], failure });
  };
}

/**
 * @param {object} options
 * @param {import("./machine.mjs").Machine} options.machine
 * @param {import("../guest/scenario.ts").Setup} options.setup
 * @param {readonly string[]} options.scenarios their names
 * @param {number} options.limitSeconds
 * @param {(outcome: Outcome) => void} options.onOutcome
 * @returns {Promise<string>} the folder with its log files
 */
export async function runScenarios({ machine, setup, scenarios, limitSeconds, onOutcome }) {
  const place = await openWorkplace();
  const { shared } = place;
  place.assign({ kind: "scenarios", setup, scenarios });
  const disk = copyDisk(machine, setup);
  const vm = startMachine({ machine, disk, canLosePower: false, start: "wake", setup, ...place });
  const end = followOutcomes(shared, onOutcome);
  const limit = setTimeout(vm.cut, limitSeconds * 1000);
  await vm.exited;
  clearTimeout(limit);
  rmSync(disk);
  place.close();
  end();
  return shared;
}
