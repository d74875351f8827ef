// A machine whose power is cut at random moments, several times, while a key is held and a setting, accounts and images are
// being written. After each cut it starts from the same disk and has to show that nothing is lost, and that the chip at
// the other end of the UART, outside the machine, is told that no key is held.
import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { copyDisk } from "./machine.mjs";
import { followOutcomes } from "./scenarios.mjs";
import { startMachine } from "./vm.mjs";
import { explainEnd, openWorkplace } from "./workplace.mjs";

export const NAME = "power-cut";
/** @type {import("../guest/scenario.ts").Setup} */
const SETUP = "chip";
const CUTS = 2;
/** Between a key being held and the cut, in milliseconds. */
const MOMENT = /** @type {const} */ ([200, 3500]);

/** @typedef {import("../guest/scenario.ts").Outcome} Outcome */

/** One evening of cuts: what was acknowledged so far, and what was seen. */
class Evening {
  /** @type {string[]} */
  accounts = [];
  setting = 0;
  /** @type {[string, string][]} */
  images = [];
  /** @type {string[]} */
  checks = [];
  round = 0;
  /** Called when the machine holds a key and writes. @type {() => void} */
  onHolding = () => undefined;
  /** Called when the machine has shown what it kept after the last cut. @type {() => void} */
  onOver = () => undefined;
  /** @type {string | undefined} */
  failure;

  /** @param {string} path @param {unknown} body @returns {unknown} */
  answer(path, body) {
    const words = Array.isArray(body) ? body.map(String) : [];
    switch (path) {
      case "/started":
        return {
          round: this.round,
          isLast: this.round === CUTS,
          accounts: this.accounts,
          setting: this.setting,
          images: this.images,
        };
      case "/checked":
        if (words.length > 0) this.failure = `Lost after cut ${this.round}: ${words.join("; ")}`;
        this.checks.push(this.describe());
        if (this.round === CUTS) this.onOver();
        return null;
      case "/account":
        this.accounts.push(...words);
        return null;
      case "/setting":
        this.setting = Number(words[0]);
        return null;
      case "/image":
        this.images.push([words[0] ?? "", words[1] ?? ""]);
        return null;
      case "/holding":
        this.onHolding();
        return null;
      default:
        return null;
    }
  }

  describe() {
    if (this.round === 0) return "the machine has a fresh disk";
    const { accounts, images, setting } = this;
    return `after cut ${this.round}: the key is up; change ${setting}, ${accounts.length} accounts, ${images.length} images are there`;
  }
}

/**
 * One start of the machine, to its cut or, in the last round, to its end.
 * @param {Evening} evening
 * @param {import("./vm.mjs").Run} run
 * @param {number} limitSeconds
 */
async function playRound(evening, run, limitSeconds) {
  const vm = startMachine(run);
  const limit = setTimeout(() => {
    evening.failure ??= `Start ${evening.round + 1} was not over after ${limitSeconds} s. ${explainEnd(run.shared)}`;
    vm.cut();
  }, limitSeconds * 1000);
  evening.onHolding = () => {
    setTimeout(vm.cut, randomInt(...MOMENT));
  };
  await vm.exited;
  clearTimeout(limit);
  if (evening.failure === undefined && evening.checks.length <= evening.round) {
    evening.failure = `Start ${evening.round + 1} ended early. ${explainEnd(run.shared)}`;
  }
}

/**
 * @param {object} options
 * @param {import("./machine.mjs").Machine} options.machine
 * @param {readonly string[]} options.scenarios names of those that run after the last cut
 * @param {number} options.limitSeconds for one start
 * @param {(outcome: Outcome) => void} options.onOutcome
 * @returns {Promise<string>} the folder with its log files
 */
export async function runPowerCut({ machine, scenarios, limitSeconds, onOutcome }) {
  const startedAt = performance.now();
  const { shared, uart, chip, assign, close } = await openWorkplace();
  assign({ kind: "power-cut", setup: SETUP, scenarios });
  const evening = new Evening();
  chip.onRequest = (path, body) => evening.answer(path, body);
  const tell = () => {
    const { checks, failure } = evening;
    const seconds = (performance.now() - startedAt) / 1000;
    const outcome = { name: NAME, seconds, checks, figures: [`${CUTS} cuts`] };
    onOutcome(failure === undefined ? outcome : { ...outcome, failure });
  };
  evening.onOver = tell;
  const disk = copyDisk(machine, NAME);
  const run = { machine, disk, canLosePower: true, setup: SETUP, shared, uart };
  const end = followOutcomes(shared, onOutcome);
  while (evening.round <= CUTS && evening.failure === undefined) {
    const start = evening.round === 0 ? "wake" : "boot";
    await playRound(evening, { ...run, start }, limitSeconds);
    evening.round += 1;
  }
  close();
  rmSync(disk);
  if (evening.checks.length <= CUTS) tell();
  end();
  return shared;
}
