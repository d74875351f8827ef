// node scripts/packages/prove.mjs [bookworm-amd64 trixie-armhf ...]
// Installs, upgrades, removes and purges the packages in clean systems of each release and processor, starts the
// daemon in them, and prints a table: seconds (of this machine, ARM emulated), systemd's figure for the sandbox. Needs root
// and the network.
import "../node-version.mjs";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { needPrograms, run } from "./host-tools.mjs";
import { WORK } from "./npm-archive.mjs";
import { asVersion } from "./prove/as-version.mjs";
import { Chroot, needChrootTools } from "./prove/chroot.mjs";
import { STEPS } from "./prove/steps.mjs";
import { ROOT } from "../root.mjs";
import { targetOf } from "./targets.mjs";

const SYSTEMS = [
  "bookworm-amd64",
  "trixie-amd64",
  "bookworm-arm64",
  "trixie-arm64",
  "trixie-armhf",
];
const OLDER = "0.0.1";
const FOLDER = join(WORK, "prove");

/** @param {string} suite @param {string} arch @returns {string[]} paths of the packages */
function packagesFor(suite, arch) {
  const out = join(FOLDER, `${suite}-${arch}`);
  rmSync(out, { recursive: true, force: true });
  const script = join(ROOT, "scripts", "package-deb.mjs");
  const options = ["--arch", arch, "--suite", suite, "--out", out, "--steady"];
  const said = run(process.execPath, [script, ...options]);
  return said
    .trim()
    .split("\n")
    .filter((line) => line.endsWith(".deb"));
}

/**
 * @typedef {{ system: string, results: Record<string, string> }} Row
 * @param {string} system
 * @returns {Promise<Row>}
 */
async function prove(system) {
  const [suite = "", arch = ""] = system.split("-");
  const target = targetOf(arch);
  const packages = packagesFor(suite, arch);
  const main = packages.at(0) ?? "";
  const version = run("dpkg-deb", ["-f", main, "Version"]).trim();
  /** @type {Record<string, string>} */
  const results = {};
  /** @type {Chroot | undefined} */
  let chroot;
  try {
    chroot = new Chroot(target, suite);
    run("lintian", ["--allow-root", "--fail-on", "error,warning", ...packages]);
    const current = chroot.bring(packages);
    const older = chroot.bring([asVersion(main, OLDER, FOLDER), ...packages.slice(1)]);
    const scene = { chroot, current, older, version };
    for (const [name, step] of Object.entries(STEPS)) {
      const startedAt = performance.now();
      const result = await step(scene);
      const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
      results[name] = typeof result === "string" ? result : seconds;
      console.log(`${system} ${name}: ${results[name]}`);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`${system} FAILED\n${message}`);
    // Whoever has interrupted a step does not want the next system: the signal is heard a moment later.
    await sleep(100);
    results["failed"] = "failed";
  } finally {
    chroot?.remove();
  }
  return { system, results };
}

/** @param {readonly Row[]} rows */
function table(rows) {
  const names = Object.keys(STEPS);
  const cells = [
    ["system", ...names],
    ["------", ...names.map(() => "---")],
    ...rows.map(({ system, results }) => [
      system,
      ...names.map((name) => results[name] ?? "FAILED"),
    ]),
  ];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Status of a check that cannot be made here. */
const SKIPPED = 77;

if (process.getuid?.() !== 0) {
  console.log("Skipped: making clean systems needs root");
  process.exit(SKIPPED);
}

try {
  needPrograms({ "dpkg-deb": "dpkg", lintian: "lintian" });
  needChrootTools();
  mkdirSync(FOLDER, { recursive: true });
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : SYSTEMS;
  const rows = [];
  for (const system of wanted) rows.push(await prove(system));
  console.log(`\n${table(rows)}`);
  const failed = rows.filter(({ results }) => "failed" in results).length;
  const steps = rows.flatMap(({ results }) => Object.keys(results)).length - failed;
  console.log(`${steps} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
