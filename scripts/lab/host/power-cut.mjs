// A machine whose power is cut at random moments, several times, while a key is held and a setting, accounts and images are
// being written. After each cut it starts from the same disk and has to show that nothing is lost, and that the chip at
// the other end of the UART, outside the machine, is told that no key is held.
import { randomInt } from "node:crypto";
import { copyFileSync, constants, rmSync } from "node:fs";
import { join } from "node:path";
import { startMachine } from "./vm.mjs";
import { explainEnd, openWorkplace } from "./workplace.mjs";

export const NAME = "power-cut";
const CUTS = 2;
/** Between a key being held and the cut, in milliseconds. */
const MOMENT = /** @type {const} */ ([300, 6000]);

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
    if (this.round === 0) return "the machine starts with a fresh disk";
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
 * @param {{ machine: import("./machine.mjs").Machine, limitSeconds: number }} options
 * @returns {Promise<{ outcome: Outcome, folder: string }>} the folder has its log files
 */
export async function runPowerCut({ machine, limitSeconds }) {
  const startedAt = performance.now();
  const place = await openWorkplace({ kind: "power-cut", names: [] });
  const evening = new Evening();
  place.chip.onRequest = (path, body) => evening.answer(path, body);
  const disk = join(place.shared, "..", "disk.ext4");
  copyFileSync(machine.disk, disk, constants.COPYFILE_FICLONE);
  /** @type {import("./vm.mjs").Run} */
  const run = {
    machine,
    disk,
    isDiskKept: true,
    setup: "chip",
    shared: place.shared,
    uart: place.uart,
  };
  while (evening.round <= CUTS && evening.failure === undefined) {
    await playRound(evening, run, limitSeconds);
    evening.round += 1;
  }
  place.close();
  rmSync(disk, { force: true });
  const { checks, failure } = evening;
  const seconds = (performance.now() - startedAt) / 1000;
  const figures = [`${CUTS} cuts`];
  const outcome = { name: NAME, seconds, checks, figures };
  const folder = place.shared;
  return { outcome: failure === undefined ? outcome : { ...outcome, failure }, folder };
}
