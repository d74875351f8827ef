// npm test: every check in the order of cheapness, stopping at the first that fails.
// "npm test -- lint unit" runs only the named stages. The last line is always "N passed, N failed".
import "./node-version.mjs";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, run, tool } from "./workspace.mjs";

/** @typedef {{ passed: number, failed: number }} Count */

/** Folders of their own stages; everything else under test/ is the unit stage. */
const ARCHITECTURE = ["test/architecture.test.ts"];
const CONTRACT = ["test/platform/", "test/contract/", "test/conformance/"];
const SCENARIO = ["test/scenario/"];
const BROWSER = ["test/browser/"];
const CHROMIUM = "/usr/bin/chromium";

/**
 * A program that passes or fails as a whole.
 * @param {readonly (readonly [string, ...string[]])[]} commands
 * @returns {() => Promise<Count>}
 */
function check(commands) {
  return async () => {
    for (const [name, ...args] of commands) {
      if ((await run(tool(name), args)) !== 0) return { passed: 0, failed: 1 };
    }
    return { passed: 1, failed: 0 };
  };
}

/**
 * Test files whose path contains one of `include` and none of `exclude`.
 * @param {readonly string[]} include
 * @param {readonly string[]} [exclude]
 * @param {number} [retries] how often a failed test is run again
 * @returns {() => Promise<Count>}
 */
function vitest(include, exclude = [], retries = 0) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "farhand-report-"));
    const report = join(folder, "report.json");
    try {
      const code = await run(tool("vitest"), [
        "run",
        "--config=test/vitest.config.ts",
        "--reporter=dot",
        "--reporter=json",
        `--outputFile.json=${report}`,
        `--retry=${retries}`,
        ...exclude.map((path) => `--exclude=${path.endsWith("/") ? `${path}**` : path}`),
        ...include,
      ]);
      /** @type {{ numPassedTests: number, numFailedTests: number }} */
      const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
      // A file that cannot be loaded fails the run without a failed test.
      return { passed: numPassedTests, failed: code === 0 ? 0 : Math.max(numFailedTests, 1) };
    } catch {
      return { passed: 0, failed: 1 };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** Whether there is a browser to test with; who may install programs gets it installed. */
function hasChromium() {
  if (existsSync(CHROMIUM)) return true;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.log("Installing Chromium for the browser tests ...");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // With a font for Chinese, so that the screenshots can be looked at.
  const install = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-wqy-zenhei"];
  // The lists of packages may be missing or old.
  for (const args of [install, ["update"], install]) {
    if (spawnSync("apt-get", args, { stdio: "ignore", env }).status === 0 && args === install)
      break;
  }
  return existsSync(CHROMIUM);
}

/** @type {Record<string, () => Promise<Count>>} */
const STAGES = {
  format: check([["oxfmt", "--check", "."]]),
  lint: check([["oxlint", "--type-aware", "--deny-warnings"]]),
  types: check([
    ["tsc", "-p", "."],
    ["tsc", "-p", "scripts"],
    ["tsc", "-p", "src/web"],
  ]),
  architecture: vitest(ARCHITECTURE),
  unit: vitest([], [...ARCHITECTURE, ...CONTRACT, ...SCENARIO, ...BROWSER]),
  contract: vitest(CONTRACT),
  scenario: vitest(SCENARIO),
  browser: async () => {
    // A whole browser on a busy machine now and then takes longer than any limit.
    if (hasChromium()) return vitest(BROWSER, [], 1)();
    console.log(`Browser tests were skipped: ${CHROMIUM} is missing. sudo apt install chromium`);
    return { passed: 0, failed: 0 };
  },
};

/** @param {number} startedAt */
function secondsSince(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** @param {readonly string[]} names @returns {Promise<Count>} */
async function runStages(names) {
  const total = { passed: 0, failed: 0 };
  for (const name of names) {
    const startedAt = performance.now();
    console.log(`\n== ${name}`);
    const { passed, failed } = (await STAGES[name]?.()) ?? { passed: 0, failed: 1 };
    total.passed += passed;
    total.failed += failed;
    console.log(`== ${name}: ${failed === 0 ? "ok" : "FAILED"} (${secondsSince(startedAt)})`);
    if (failed > 0) break;
  }
  return total;
}

const unknown = process.argv.slice(2).filter((name) => !(name in STAGES));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(", ")}. Stages: ${Object.keys(STAGES).join(", ")}.`);
  process.exit(2);
}
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STAGES);
const startedAt = performance.now();
ensureInstalled();
await ensureBuilt();
const { passed, failed } = await runStages(names);
console.log(`\nAll in ${secondsSince(startedAt)}.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
