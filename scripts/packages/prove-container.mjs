// node scripts/packages/prove-container.mjs
// Runs the steps of system/Dockerfile in clean systems, as a container engine would, starts what comes out and asks
// it. Needs root and the network.
import "../node-version.mjs";
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./host-tools.mjs";
import { Chroot, needChrootTools } from "./prove/chroot.mjs";
import { Daemon } from "./prove/daemon.mjs";
import { ROOT } from "../root.mjs";
import { targetOf } from "./targets.mjs";

/**
 * @typedef {object} Stage
 * @property {Chroot} chroot
 * @property {string} workdir
 * @property {string} user
 * @property {Record<string, readonly string[]>} programs ENTRYPOINT, CMD and HEALTHCHECK
 */

/** Instructions of the file, lines joined. @param {string} text @returns {readonly (readonly [string, string])[]} */
function parse(text) {
  const lines = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n/g, "")
    .split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", ...rest] = line.trim().split(/\s+/);
      return [name, rest.join(" ")];
    });
}

/** @param {string} argument "debian:trixie-slim AS build" */
function begin(argument) {
  const [, suite = "", name = ""] = /^debian:(\w+)-slim(?: AS (\w+))?$/.exec(argument) ?? [];
  assert.notEqual(suite, "", `FROM ${argument} is not Debian`);
  const arch = run("dpkg", ["--print-architecture"]).trim();
  /** @type {Stage} */
  const stage = {
    chroot: new Chroot(targetOf(arch), suite),
    workdir: "/",
    user: "root",
    programs: {},
  };
  return { name, stage };
}

/** What a build is given: the files of the commit. @param {string} to */
function copyContext(to) {
  mkdirSync(to, { recursive: true });
  const files = run("git", ["ls-files", "-z"], { cwd: ROOT }).split("\0");
  for (const file of files.filter((name) => name !== "")) {
    cpSync(join(ROOT, file), join(to, file), { recursive: true });
  }
}

/** @param {Stage} stage @param {string} argument @param {ReadonlyMap<string, Stage>} stages */
function copy({ chroot, workdir }, argument, stages) {
  const words = argument.split(" ");
  const from = /^--from=(\w+)$/.exec(words[0] ?? "")?.[1];
  if (from === undefined) {
    assert.equal(argument, ". .");
    copyContext(chroot.path(workdir));
    return;
  }
  const [, source = "", target = ""] = words;
  const path = stages.get(from)?.chroot.path(source) ?? "";
  cpSync(path, chroot.path(target), { recursive: true });
}

/** Instructions that only describe. @type {ReadonlySet<string>} */
const NOTES = new Set(["EXPOSE", "VOLUME"]);

/** @param {Stage} stage @param {readonly [string, string]} instruction @param {ReadonlyMap<string, Stage>} stages */
function perform(stage, [name, argument], stages) {
  if (name === "RUN") stage.chroot.run(`cd ${stage.workdir} && ${argument}`);
  else if (name === "COPY") copy(stage, argument, stages);
  else if (name === "USER") stage.user = argument;
  else if (name === "WORKDIR") {
    stage.workdir = argument;
    mkdirSync(stage.chroot.path(argument), { recursive: true });
  } else if (["ENTRYPOINT", "CMD", "HEALTHCHECK"].includes(name)) {
    stage.programs[name] = JSON.parse(argument.slice(argument.indexOf("[")));
  } else assert.ok(NOTES.has(name), `${name} is not understood`);
}

/** @param {Stage} stage */
async function ask({ chroot, user, programs }) {
  const command = [...(programs["ENTRYPOINT"] ?? []), ...(programs["CMD"] ?? [])].join(" ");
  assert.equal(user, "farhand");
  const daemon = await Daemon.start(chroot, command);
  try {
    const { status, body } = await daemon.ask("/api/info", daemon.password);
    assert.equal(status, 200, body);
    const [program = "", option = "", text = ""] = programs["HEALTHCHECK"] ?? [];
    chroot.run(`FARHAND__HTTP__PORT=${daemon.port} ${program} ${option} "${text}"`);
  } finally {
    await daemon.stop();
  }
}

/** Status of a check that cannot be made here. */
const SKIPPED = 77;

if (process.getuid?.() !== 0) {
  console.log("Skipped: making clean systems needs root");
  process.exit(SKIPPED);
}

/** @type {Map<string, Stage>} */
const stages = new Map();
try {
  needChrootTools();
  /** @type {Stage | undefined} */
  let stage;
  for (const instruction of parse(readFileSync(join(ROOT, "system/Dockerfile"), "utf8"))) {
    const startedAt = performance.now();
    if (instruction[0] === "FROM") {
      const begun = begin(instruction[1]);
      stage = begun.stage;
      stages.set(begun.name, stage);
    } else if (stage !== undefined) perform(stage, instruction, stages);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${seconds.padStart(6)} s  ${instruction.join(" ").slice(0, 100)}`);
  }
  assert.ok(stage !== undefined, "the file has no stage");
  await ask(stage);
  console.log("The container answers, and its health check agrees");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const { chroot } of stages.values()) chroot.remove();
}
