// The programs of the machine that packages are built on.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

/** Where programs for root are, which are not on everybody's path. */
const SYSTEM = ["/usr/sbin", "/sbin"];

/** @param {string} name @returns {string | undefined} */
export function which(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Runs a program to its end; throws with what it said when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: string }} [options]
 * @returns {string} its standard output
 */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error, signal } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  if (status === 0) return stdout;
  throw failure([command, ...args], error?.message ?? howEnded(status, signal), [stdout, stderr]);
}

/** @param {number | null} status @param {string | null} signal */
const howEnded = (status, signal) => (status === null ? `signal ${signal}` : `status ${status}`);

/** @param {readonly string[]} words @param {string} how @param {readonly string[]} said */
function failure(words, how, said) {
  const last = said.filter(Boolean).join("\n").trim().split("\n").slice(-30).join("\n");
  return new Error(`${words.join(" ")} failed (${how})\n${last}`);
}

/**
 * Like `run`, for what takes long: an interrupted script does not wait for it, and ends it with all that it has started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} its standard output
 */
export async function runLong(command, args, options = {}) {
  // A group of its own: the terminal's Ctrl-C is this script's to hear, also when it comes before the program has begun.
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  };
  // Before anything is tidied up that it may be writing to.
  process.prependListener("exit", end);
  try {
    const ended = once(child, "close");
    const [[status, signal], ...said] = await Promise.all([
      ended,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (status === 0) return said[0];
    throw failure([command, ...args], howEnded(status, signal), said);
  } finally {
    process.off("exit", end);
  }
}

/** What ends a script before its time. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Tidies up when the script is interrupted, until the answer is called. A program of `run` that is being waited for is
 * interrupted by the terminal as well: it fails before the script hears of it.
 * @param {() => void} tidy
 * @returns {() => void}
 */
export function whenInterrupted(tidy) {
  const end = () => process.exit(130);
  process.once("exit", tidy);
  for (const signal of SIGNALS) process.once(signal, end);
  return () => {
    process.off("exit", tidy);
    for (const signal of SIGNALS) process.off(signal, end);
  };
}

/** Only on a machine of its own is anything installed without being asked. */
const mayInstall = () => process.getuid?.() === 0 && process.env["CI"] === "true";

/**
 * Makes sure that programs are there: installs their packages when this is root in CI, else throws with the line that
 * does it.
 * @param {Readonly<Record<string, string>>} programs Debian package by program
 */
export function needPrograms(programs) {
  const missing = Object.entries(programs).filter(([name]) => which(name) === undefined);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const line = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!mayInstall()) {
    throw new Error(
      `Missing: ${missing.map(([name]) => name).join(", ")}. Install with: sudo ${line}`,
    );
  }
  console.log(`Installing ${packages.join(" ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  run("apt-get", ["update", "-q"], { env });
  run("apt-get", [...wait, "install", "-qy", "--no-install-recommends", ...packages], { env });
}
